"""A node with a provider outside, for stories about what leaves."""
import contextlib
import signal
import sys
import tempfile
import time
from pathlib import Path

from harness import Gatehouse, Simulated, free_port, post

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
sys.path.insert(0, str(DEPLOY / "lib"))
from outside import Cloud  # noqa: E402

# The one is answered here or not at all, the other may go outside when that takes too long.
MODEL, CLIMBS = "llama3.2:3b", "qwen2.5-coder:7b"

POLICY = """schema: 1
revision: stage-{revision}
external:
  provider: {{jurisdiction: EU, prefixes: [{address}/32], tls: {{ca: {ca}}}, models: [m-large]}}
sensitivity:
  by_tag: [{{project: website, is: {website}}}]
rules:
  - id: public-anyhow
    effect: allow
    to: [provider]
    when: {{sensitivity_max: public, projects: [website], triggers: [local_down, local_saturated, local_timeout, caller_requested]}}
    limits: {{requests_per_day: {per_day}, bytes: 65536}}
"""
# Only a server that is down has `gone`, so that it is escalated.
MANIFEST = f"""schema: 1
models:
  '{MODEL}': {{backends: [gpu1]}}
  '{CLIMBS}': {{backends: [gpu1], external: [m-large]}}
  'gone:7b': {{backends: [gpu2], external: [m-large]}}
external:
  m-large: {{backend: provider}}
"""


class Stage:
    """A node, an Ollama that is there, one that is not, and a provider outside. Projects: `website`, whose requests may
    leave, and `legal`, of which the policy says nothing."""

    def __init__(self, per_day=1_000_000, simulated=("--tokens-per-second", "400", "--slots", "64"), slots=64, **more):
        self.per_day, self.revision = per_day, 0
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-stage-"))
        with contextlib.ExitStack() as stack:
            self.cloud = stack.enter_context(Cloud(self.folder / "cloud", "127.0.0.2"))
            self.ollama = stack.enter_context(Simulated(*simulated))
            secret = self.folder / "provider.key"
            secret.write_text("sk-stage\n")
            secret.chmod(0o600)
            self.write_policy()
            provider = {
                "kind": "openai", "url": self.cloud.url, "zone": "external", "jurisdiction": "EU",
                "key": {"file": str(secret)}, "slots": 64,
            }  # fmt: skip
            local = {"url": f"http://127.0.0.1:{self.ollama.port}", "slots": slots}
            settings = {"breaker": {"open_for": "1s"}, "health": {"interval": "1s"}, **more}
            self.node = stack.enter_context(
                Gatehouse(
                    {"gpu1": local, "gpu2": free_port(), "provider": provider}, manifest=MANIFEST, folder=self.folder,
                    **settings,
                )
            )  # fmt: skip
            self.website, self.legal = (self.key(project) for project in ("website", "legal"))
            self.stack = stack.pop_all()

    def key(self, project):
        made = self.node.command("keys", "add", "--project", project, project)
        return next(word for word in made.stdout.split() if word.startswith("gh_"))

    def write_policy(self, website="public"):
        """The next revision of it. A node that starts or reloads at this moment reads the one or the other."""
        self.revision += 1
        new = self.folder / "policy.new"
        new.write_text(
            POLICY.format(
                revision=self.revision, address=self.cloud.address, ca=self.cloud.ca, per_day=self.per_day,
                website=website,
            )
        )
        new.replace(self.folder / "policy.yaml")

    def ask(self, text, model="gone:7b", key=None, timeout=30, **fields):
        body = {"model": model, "messages": [{"role": "user", "content": text}], **fields}
        headers = {"Authorization": f"Bearer {key or self.website}", "x-gatehouse-verbose": "1"}
        return post(self.node.port, "/v1/chat/completions", body, headers=headers, timeout=timeout)

    def kill(self):
        """The moment before it: on the clock of the callers, and on the one that request ids are made by."""
        moment = time.monotonic(), time.time()
        self.node.process.send_signal(signal.SIGKILL)
        self.node.process.wait()
        return moment

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.stack.__exit__(*problem)
