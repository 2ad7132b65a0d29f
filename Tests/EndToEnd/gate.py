"""What the stories of the gate share: a local backend that does what each request tells it, a node with a provider
outside (`deploy/lib/cloud.py`), and the policy between the two."""

import contextlib
import json
import shutil
import sqlite3
import ssl
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import BINARY, NDJSON_HEAD, STREAM_HEAD, Gatehouse, RawUpstream, answers, chunk, get, message, post, until

# The key that the provider knows this node by. No output may ever have it.
PROVIDER_KEY = "sk-story-4711-never-shown"
# What the models of `cloud.py` are called there.
CLOUD_MODELS = ["m-large", "busy", "keyless", "broken", "cut", "slow"]
TRIGGERS = [
    "local_down", "local_saturated", "local_timeout", "context_overflow", "capability_missing", "caller_requested",
]  # fmt: skip


def turns(*texts):
    """A conversation that begins with a user."""
    return [{"role": ("user", "assistant")[index % 2], "content": text} for index, text in enumerate(texts)]


class Local(RawUpstream):
    """A local backend of `models`, each of which can complete and no more. The last word of a request's last message
    says what becomes of it:

    - `hold`: nothing, until `free` is called for its model; then "a local answer";
    - `die`: the connection ends without a byte;
    - `begin`: it ends after a beginning without content;
    - `part`: it ends after the words "a local part";
    - any other: "a local answer".
    """

    def __init__(self, *models):
        model = self.PROBES["/api/tags"]["models"][0]
        tags = [{**model, "name": name, "model": name} for name in models]
        self.held = {name: threading.Event() for name in models}
        super().__init__(self.answer, probes={"/api/tags": {"models": tags}})

    @property
    def bodies(self):
        return [json.loads(body) for _, body in self.requests]

    @staticmethod
    def model(body):
        """The name as the stories have it."""
        return body["model"].removesuffix(":latest")

    def free(self, model):
        """Lets those go on that hold."""
        self.held[model].set()

    @contextlib.contextmanager
    def occupied(self, node, model):
        """Somebody else has the only slot of `model`."""
        self.held[model].clear()
        before = len(self.requests)
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(chat, node, model, "please hold")
            until(lambda: any(self.model(body) == model for body in self.bodies[before:]), what="the other request")
            try:
                yield
            finally:
                self.free(model)
                assert other.result().status == 200

    def answer(self, connection, head, body):
        asked = json.loads(body)
        order = asked["messages"][-1]["content"].split()[-1]
        if order == "hold":
            self.held[self.model(asked)].wait(30)
        if order == "die":
            return "close"
        parts = {"begin": ("", None), "part": ("a local part", None)}.get(order, ("a local answer", "stop"))
        if b"/api/" in head:
            return self.records(connection, asked, *parts)
        if asked.get("stream"):
            return self.stream(connection, asked, *parts)
        return self.whole(connection, asked, *parts)

    @staticmethod
    def whole(connection, asked, text, finish):
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        usage = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
        answer = {"id": "chatcmpl-0", "object": "chat.completion", "created": 1, "model": asked["model"]}
        data = message(json.dumps({**answer, "choices": [choice], "usage": usage}))
        connection.sendall(data if finish else data[:-40])
        return None if finish else "close"

    @staticmethod
    def stream(connection, asked, text, finish):
        head = {"id": "chatcmpl-0", "object": "chat.completion.chunk", "created": 1, "model": asked["model"]}

        def event(delta, reason=None, **more):
            choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
            connection.sendall(chunk("data: " + json.dumps({**head, "choices": choices, **more}) + "\n\n"))

        connection.sendall(STREAM_HEAD)
        event({"role": "assistant", "content": ""})
        if text:
            event({"content": text})
        if not finish:
            return "close"
        event({}, finish)
        connection.sendall(chunk("data: [DONE]\n\n") + chunk(""))

    @staticmethod
    def records(connection, asked, text, finish):
        record = {"model": asked["model"], "created_at": "2026-01-01T00:00:00Z"}
        last = {**record, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": finish}
        words = {**record, "message": {"role": "assistant", "content": text}, "done": False}
        if asked.get("stream") is False:
            connection.sendall(message(json.dumps({**last, "message": words["message"]})))
            return
        connection.sendall(NDJSON_HEAD + chunk(json.dumps(words) + "\n") + chunk(json.dumps(last) + "\n") + chunk(""))

    def close(self):
        for held in self.held.values():
            held.set()
        super().close()


class Provider(RawUpstream):
    """A provider outside within this process, for what `cloud.py` does not play: `script` answers, over TLS, and
    `requests` has only what could be read. The certificate can be changed while it runs."""

    ADDRESS = "127.0.0.2"

    def __init__(self, script, certificate=None):
        self.connections, self.context = 0, None
        if certificate:
            self.show(*certificate)
        super().__init__(script, address=self.ADDRESS)
        self.probes = {}
        self.address = self.ADDRESS
        self.url = f"https://{self.address}:{self.port}"

    def show(self, certificate, key, version=None):
        """Certificate and key for later connections; with `version`, by that protocol alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if version:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        context.load_cert_chain(certificate, key)
        self.context = context

    def _serve(self, raw):
        self.connections += 1
        with raw, contextlib.suppress(OSError):
            raw.settimeout(30)
            super()._serve(self.context.wrap_socket(raw, server_side=True))


def terms(cloud, prefix=None, **tls):
    """What the policy says of the provider."""
    return {
        "jurisdiction": "EU",
        "prefixes": [prefix or f"{cloud.address}/32"],
        "tls": {"ca": str(cloud.ca), **tls},
        "models": CLOUD_MODELS,
    }


def allow(name="open", triggers=TRIGGERS, sensitivity="public", limits=None, **when):
    """A rule that lets a request out."""
    rule = {"id": name, "effect": "allow", "to": ["provider"]}
    rule["when"] = {"sensitivity_max": sensitivity, "triggers": triggers, **when}
    return {**rule, "limits": limits} if limits else rule


def policy(external, *rules, revision="story", **more):
    """A policy in which all is public that nobody calls otherwise."""
    start = {"schema": 1, "revision": revision, "defaults": {"sensitivity": "public"}}
    return {**start, "external": {"provider": external}, "rules": list(rules), **more}


def manifest(*models, external=("m-large",), **more):
    """Local models that lead to models outside, which are named as there."""
    ladder = {"external": list(external)}
    outside = {name: {"backend": "provider"} for name in CLOUD_MODELS}
    return {"schema": 1, "models": {name: ladder for name in models}, "external": outside, **more}


class Node(Gatehouse):
    """A node with the backend `provider` outside. Policy and manifest are mappings; JSON is YAML too."""

    def __init__(self, backends, cloud, rules=None, manifest=None, provider=None, **more):
        folder = Path(tempfile.mkdtemp(prefix="gatehouse-"))
        key = folder / "provider.key"
        key.write_text(PROVIDER_KEY + "\n")
        key.chmod(0o600)
        self.cloud = cloud
        self.rules = folder / "policy.yaml"
        if rules is not None:
            self.put(rules)
        outside = {"kind": "openai", "url": cloud.url, "zone": "external", "jurisdiction": "EU"}
        outside = {**outside, "key": {"file": str(key)}, **(provider or {})}
        given = json.dumps(manifest or {"schema": 1})
        try:
            super().__init__({**backends, "provider": outside}, folder=folder, manifest=given, **more)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def put(self, rules):
        """Writes the policy: a mapping, or a text as it is."""
        self.rules.write_text(rules if isinstance(rules, str) else json.dumps(rules))

    def take(self, rules):
        """Writes the policy and has it taken on."""
        self.put(rules)
        self.command("reload")

    def again(self):
        """Starts it once more, after it was stopped or killed."""
        self.process = subprocess.Popen(
            [BINARY, "serve", "--config", self.config],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        until(lambda: answers(self.operations, "/readyz", status=200), what="another start")

    def key(self, name, project=None):
        """A new key, and a reload by which it counts."""
        made = self.command("keys", "add", *(("--project", project) if project else ()), name).stdout
        return next(word for word in made.split() if word.startswith("gh_"))

    def records(self, answer):
        """What the audit chain has of an answered request, in its order: (kind, body)."""
        identity = answer if isinstance(answer, str) else answer.headers["x-gatehouse-request-id"]
        return [(kind, body) for kind, body in self.chain() if body.get("request_id") == identity]

    def chain(self):
        """All that the audit chain has: (kind, body)."""
        with contextlib.closing(self.database("audit")) as database:
            rows = database.execute("SELECT kind, body FROM audit ORDER BY seq").fetchall()
        return [(kind, json.loads(body)) for kind, body in rows]

    @property
    def state(self):
        return Path(self.configuration["state"])

    def database(self, name):
        """One of its files, to be read."""
        return sqlite3.connect(f"file:{self.state / name}.sqlite?mode=ro", uri=True)

    @property
    def status(self):
        return json.loads(self.command("status", "--json").stdout)

    @property
    def metrics(self):
        return get(self.operations, "/metrics").body.decode().splitlines()


def chat(node, model, text="say something", key=None, path="/v1/chat/completions", headers=None, **more):
    given = {"x-gatehouse-verbose": "1", **(headers or {})}
    if key:
        given["Authorization"] = f"Bearer {key}"
    body = {"model": model, "messages": turns(text) if isinstance(text, str) else text, **more}
    return post(node.port, path, body, headers=given)
