#!/usr/bin/env python3
"""The gate, shown from outside: two simulated Ollamas, one simulated provider outside, and what happens when the first
two go. Prints what it sees at each step, and ends with 1 where a step is not as it must be.

    demo.py GATEHOUSE_BINARY
"""
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from outside import Cloud, Namespace

VERIFIER = Path(__file__).resolve().parents[1] / "audit-verify.py"
MODEL = "llama3.2:3b"

POLICY = """schema: 1
revision: demonstration-{number}
external:
  provider: {{jurisdiction: EU, prefixes: [{address}/32], tls: {{ca: {ca}}}, models: [m-large]}}
sensitivity:
  by_tag: [{{project: website, is: public}}]
rules:{rules}
"""
RULE = """
  - id: public-when-down
    effect: allow
    to: [provider]
    when: {sensitivity_max: public, projects: [website], triggers: [local_down, local_timeout]}
    limits: {requests_per_day: 1000, bytes: 65536}"""


class Wrong(Exception):
    pass


def step(text):
    print(f"\n== {text}", flush=True)


def see(text):
    print(f"   {text}", flush=True)


def must(holds, what):
    if not holds:
        raise Wrong(what)
    see(f"ok: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Wrong(f"{what}: not within {seconds} s")
        time.sleep(0.05)
    see(f"ok: {what}")


class Stage:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.data, self.operations, self.ports = free_port(), free_port(), [free_port(), free_port()]
        self.ollamas = [None, None]
        self.log = open(folder / "gatehouse.log", "w+")
        self.namespace = Namespace.make()
        address = self.namespace.far if self.namespace else "127.0.0.2"
        self.cloud = Cloud(folder / "cloud", address, through=self.namespace.prefix if self.namespace else ())
        self.daemon = None

    # The parts

    def start_ollama(self, index):
        self.ollamas[index] = subprocess.Popen(
            [self.binary, "simulate", "--listen", f"127.0.0.1:{self.ports[index]}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill_ollama(self, index):
        self.ollamas[index].send_signal(signal.SIGKILL)
        self.ollamas[index].wait()

    def policy(self, number, rules):
        text = POLICY.format(number=number, address=self.cloud.address, ca=self.cloud.ca, rules=rules or " []")
        (self.folder / "policy.yaml").write_text(text)

    def write(self):
        ollamas = "".join(
            f"  gpu{i + 1}: {{kind: ollama, url: 'http://127.0.0.1:{port}', zone: loopback, slots: 4}}\n"
            for i, port in enumerate(self.ports)
        )
        secret = self.folder / "provider.key"
        secret.write_text("sk-demonstration\n")
        secret.chmod(0o600)
        (self.folder / "gatehouse.yaml").write_text(
            f"schema: 1\nstate: {self.folder}/state\n"
            f"listeners: {{data: ['127.0.0.1:{self.data}'], operations: ['127.0.0.1:{self.operations}']}}\n"
            "drain: {delay: 0s, timeout: 5s}\nhealth: {interval: 2s}\n"
            "breaker: {failures: 3, open_for: 2s, trials: 2}\n"
            f"backends:\n{ollamas}"
            f"  provider: {{kind: openai, url: '{self.cloud.url}', zone: external, jurisdiction: EU, "
            f"key: {{file: {secret}}}}}\n"
        )
        (self.folder / "models.manifest").write_text(
            f"schema: 1\nmodels:\n  '{MODEL}': {{external: [m-large]}}\nexternal:\n  m-large: {{backend: provider}}\n"
        )

    def start(self):
        self.daemon = subprocess.Popen(
            [self.binary, "serve", "--config", str(self.folder / "gatehouse.yaml")],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def stop(self):
        for process in [self.daemon, *self.ollamas]:
            if process and process.poll() is None:
                process.terminate()
                process.wait(30)
        self.daemon, self.ollamas = None, [None, None]

    def close(self):
        self.stop()
        self.cloud.close()
        if self.namespace:
            self.namespace.close()

    # Looking and asking

    def command(self, *arguments, check=True):
        done = subprocess.run(
            [self.binary, *arguments, "--config", str(self.folder / "gatehouse.yaml")],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise Wrong(f"gatehouse {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done

    def ask(self, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.data, timeout=60)
        body = {"model": MODEL, "messages": [{"role": "user", "content": "What are your opening hours?"}]}
        given = {"Authorization": f"Bearer {self.key}", "x-gatehouse-verbose": "1", **dict(headers)}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), given)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        route, reason = answer.getheader("x-gatehouse-route"), answer.getheader("x-gatehouse-reason")
        see(f"{answer.status} route {route}, reason {reason}")
        return answer.status, route, reason, json.loads(text), answer

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.operations, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def metric(self, name, **labels):
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        for line in self.get("/metrics")[1].splitlines():
            head, _, value = line.rpartition(" ")
            given = set(head.partition("{")[2].rstrip("}").split(",")) - {""}
            if head.partition("{")[0] == name and given == wanted:
                return float(value)
        return None

    def ready(self):
        return self.get("/readyz")[0] == 200

    def loaded(self, index):
        report = json.loads(self.command("status", "--json").stdout)
        return [model["name"] for model in report["backends"][index]["loaded"]]

    def usable(self, index):
        return self.metric("gatehouse_backend_state", backend=f"gpu{index + 1}", state="usable") == 1


def play(stage):
    where = "in a network namespace of its own" if stage.namespace else "on a second loopback address"
    step(f"Two Ollamas, simulated, and a provider outside at {stage.cloud.url}, {where}")
    stage.write()
    made = stage.command("keys", "add", "--project", "website", "website")
    stage.key = next(word for word in made.stdout.split() if word.startswith("gh_"))
    for index in (0, 1):
        stage.start_ollama(index)
    stage.start()
    until(stage.ready, "Gatehouse is ready")
    until(lambda: stage.usable(0) and stage.usable(1), "both Ollamas are usable")
    status, route, reason, _, _ = stage.ask()
    must(status == 200 and route == "local:gpu1" and reason == "allow_local", "the answer is local")
    until(lambda: MODEL in stage.loaded(0), "gpu1 shows the model in its memory, so that it is asked before gpu2")

    step("The first Ollama is killed")
    stage.kill_ollama(0)
    # At once, before any probe can have noticed.
    with ThreadPoolExecutor(3) as three:
        answers = [one.result() for one in [three.submit(stage.ask) for _ in range(3)]]
    must(all(a[0] == 200 and a[1] == "local:gpu2" for a in answers), "three answers went on, all from gpu2")
    must(stage.metric("gatehouse_breaker_changes_total", backend="gpu1", state="open") == 1, "gpu1's breaker is open")
    answers = [stage.ask() for _ in range(3)]
    must(all(a[0] == 200 and a[1] == "local:gpu2" for a in answers), "and three more")

    step("The second Ollama is killed, and no rule lets anything out")
    stage.kill_ollama(1)
    until(lambda: not stage.usable(0) and not stage.usable(1), "probes have found both down")
    status, route, reason, body, answer = stage.ask()
    see(body["error"]["message"])
    must(status == 503 and reason == "backends_unavailable" and route == "none", "503, since nobody may answer")
    must(answer.getheader("retry-after") is not None, "it says when to come again")
    must(stage.cloud.connections == 0, "the provider outside has seen no connection, and so no byte")

    step("A rule is written for public requests, and the policy is reloaded")
    stage.policy(1, RULE)
    stage.command("policy", "lint")
    see(stage.command("reload").stdout.strip())
    status, route, reason, body, answer = stage.ask()
    see(body["choices"][0]["message"]["content"])
    must(status == 200 and route == "external:provider" and reason == "allow_rule", "the provider outside answers")
    must(len(stage.cloud.requests) == 1, "the provider has seen one request")
    sent = {name.lower(): value for name, value in stage.cloud.requests[0]["headers"]}
    must("gh_" not in json.dumps(sent), "the caller's key stayed here")
    identity = answer.getheader("x-gatehouse-request-id")
    records = json.loads(stage.command("audit", "show", "--json", "--request", identity).stdout)
    see(", ".join(f"record {record['seq']}: {record['kind']}" for record in records))
    kinds = [record["kind"] for record in records]
    must(kinds == ["intent", "outcome"], "the audit chain has its intent and its outcome")
    intent = json.loads(records[0]["body"])
    must(
        (intent["rule_id"], intent["trigger"], intent["sensitivity"]) == ("public-when-down", "local_down", "public"),
        "the intent says rule, trigger and sensitivity",
    )

    step("The same request, raised to restricted by its caller")
    status, route, reason, body, _ = stage.ask({"x-gatehouse-sensitivity": "restricted"})
    see(body["error"]["message"])
    must(status == 403 and reason == "sensitivity_too_high" and route == "none", "it is refused")
    must(len(stage.cloud.requests) == 1, "the provider has seen nothing of it")

    step("Both Ollamas are back")
    stage.start_ollama(0)
    stage.start_ollama(1)
    until(lambda: stage.usable(0) and stage.usable(1), "probes find both usable")

    def closed(backend):
        return stage.metric("gatehouse_breaker_state", backend=backend) == 0

    deadline = time.monotonic() + 30
    while not (closed("gpu1") and closed("gpu2")):
        if time.monotonic() > deadline:
            raise Wrong("the breakers do not close")
        stage.ask()
        time.sleep(0.2)
    passed = stage.metric("gatehouse_breaker_changes_total", backend="gpu1", state="half_open")
    must(passed and passed >= 1, "gpu1's breaker went through half_open, and is closed")
    status, route, reason, _, _ = stage.ask()
    must(status == 200 and route.startswith("local:") and reason == "allow_local", "answers are local again")
    must(len(stage.cloud.requests) == 1, "and the provider has seen nothing more")

    step("One record of the audit chain is edited, by somebody who owns the file")
    stage.stop()
    whole = stage.folder / "state" / "audit.sqlite"
    done = stage.command("audit", "verify", check=False)
    must(done.returncode == 0, "before, the chain holds")
    edited = stage.folder / "edited.sqlite"
    with sqlite3.connect(whole) as database:
        database.execute("VACUUM INTO ?", (str(edited),))
    database.close()
    sequence = records[0]["seq"]
    with sqlite3.connect(edited) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        body = records[0]["body"].replace('"sensitivity":"public"', '"sensitivity":"secret"')
        database.execute("UPDATE audit SET body = ? WHERE seq = ?", (body.encode(), sequence))
    database.close()
    own = subprocess.run(
        [stage.binary, "audit", "verify", "--file", str(edited)], capture_output=True, text=True, timeout=60
    )
    see(next((line for line in own.stdout.splitlines() if f"record {sequence}" in line), own.stdout.strip()))
    must(own.returncode == 1 and f"record {sequence}" in own.stdout, "`gatehouse audit verify` names the record")
    other = subprocess.run([sys.executable, str(VERIFIER), str(edited)], capture_output=True, text=True, timeout=60)
    see((other.stdout + other.stderr).strip().splitlines()[-1])
    must(
        other.returncode != 0 and str(sequence) in other.stdout + other.stderr,
        "`deploy/audit-verify.py`, which shares no line with it, names the same",
    )


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-demo-"))
    stage = Stage(os.path.abspath(sys.argv[1]), folder)
    try:
        play(stage)
    except (Wrong, OSError, subprocess.SubprocessError) as problem:
        print(f"\nWRONG: {problem}\nwhat the daemon said:\n{(folder / 'gatehouse.log').read_text()[-4000:]}")
        sys.exit(1)
    finally:
        stage.close()
        shutil.rmtree(folder, ignore_errors=True)
    print("\nEvery step was as it must be.")


if __name__ == "__main__":
    main()
