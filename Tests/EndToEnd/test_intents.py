"""Between the policy's verdict and the send outside lies a wait, for a slot or for the disk. What happens meanwhile
counts."""
import contextlib
import json
import sqlite3
import subprocess
import sys
import threading
import time

from harness import get, until
from stage import CLIMBS, DEPLOY, Stage


class Asking(threading.Thread):
    """A request that is under way while the story goes on."""

    def __init__(self, stage, *arguments, **more):
        super().__init__(daemon=True)
        self.ask = lambda: stage.ask(*arguments, **more)
        self.start()

    def run(self):
        self.answer = self.ask()

    @property
    def answered(self):
        self.join(30)
        return self.answer


@contextlib.contextmanager
def busy_disk(stage):
    """Another process holds the audit file, as a disk would that takes its time."""
    with contextlib.closing(sqlite3.connect(stage.folder / "state" / "audit.sqlite", isolation_level=None)) as file:
        file.execute("BEGIN IMMEDIATE")
        yield
        file.execute("ROLLBACK")


def records(stage, answer):
    """The chain's records of a request, without their order in the chain."""
    identity = answer.headers["x-gatehouse-request-id"]
    command = ["audit", "show", "--json", "--request", identity]
    return [(r["kind"], json.loads(r["body"])) for r in json.loads(stage.node.command(*command).stdout)]


def verify(stage):
    assert stage.node.stop() == 0
    stage.node.command("audit", "verify")
    done = subprocess.run(
        [sys.executable, DEPLOY / "audit-verify.py", stage.folder / "state" / "audit.sqlite"], capture_output=True
    )
    assert done.returncode == 0, done.stdout


def waiting(stage):
    return "\ngatehouse_audit_records_queued 0\n" not in get(stage.node.operations, "/metrics").body.decode()


def ready(stage):
    until(lambda: stage.ask("say: ready").status == 200, what="an answer from outside")
    return len(stage.cloud.requests)


def test_a_reload_between_verdict_and_send_asks_the_policy_again():
    with Stage() as stage:
        before = ready(stage)
        with busy_disk(stage):
            asking = Asking(stage, "say: x")
            until(lambda: waiting(stage), what="an intent that waits")
            stage.write_policy()
            stage.node.command("reload")
        answer = asking.answered
        assert answer.status == 200 and answer.headers["x-gatehouse-route"] == "external:provider"
        assert len(stage.cloud.requests) == before + 1
        until(lambda: len(records(stage, answer)) == 4, what="its records")
        found = records(stage, answer)
        intents = {body["attempt"]: body["revision"] for kind, body in found if kind == "intent"}
        outcomes = {body["attempt"]: body["result"] for kind, body in found if kind == "outcome"}
        assert intents == {1: "stage-1", 2: "stage-2"} and outcomes == {1: "not_sent", 2: "completed"}
        verify(stage)


def test_a_reload_that_forbids_it_is_in_time():
    with Stage() as stage:
        before = ready(stage)
        with busy_disk(stage):
            asking = Asking(stage, "say: x")
            until(lambda: waiting(stage), what="an intent that waits")
            stage.write_policy(website="confidential")
            stage.node.command("reload")
        answer = asking.answered
        assert answer.status == 403 and answer.json["error"]["code"] == "sensitivity_too_high", answer.body
        assert answer.headers["x-gatehouse-sensitivity"] == "confidential"
        assert len(stage.cloud.requests) == before
        verify(stage)


def test_a_reload_while_a_request_waits_for_its_slot_is_in_time():
    settings = {"limits": {"queue_target": "2s"}}
    with Stage(simulated=("--tokens-per-second", "10"), slots=1, **settings) as stage:
        before = ready(stage)
        first = Asking(stage, "count to 40", model=CLIMBS)
        until(lambda: stage.ollama.counters["answering"] == 1, what="the first request")
        second = Asking(stage, "say: x", model=CLIMBS)
        until(lambda: "\ngatehouse_requests_in_flight 2\n" in get(stage.node.operations, "/metrics").body.decode())
        stage.write_policy(website="internal")
        stage.node.command("reload")
        # Nobody outside may have it any more, so that it goes on waiting here.
        answer = second.answered
        assert answer.headers["x-gatehouse-route"] == "local:gpu1" and first.answered.status == 200
        assert answer.headers["x-gatehouse-sensitivity"] == "internal"
        assert len(stage.cloud.requests) == before


def test_a_disk_that_takes_too_long_keeps_everything_here():
    with Stage() as stage:
        before = ready(stage)
        with busy_disk(stage):
            begun = time.monotonic()
            answer = stage.ask("say: x")
            assert answer.status == 503 and answer.json["error"]["code"] == "audit_unavailable"
            assert 0.9 < time.monotonic() - begun < 1.8
            message = answer.json["error"]["message"]
            assert "gpu2" in message and "outside: provider was not asked" in message
            assert "the disk did not take the record within 1 s" in message
            assert int(answer.headers["retry-after"]) >= 1
        assert len(stage.cloud.requests) == before
        until(lambda: stage.ask("say: x").status == 200, what="a disk that takes records again")
        until(lambda: len(records(stage, answer)) == 3, what="its late records")
        kinds = {kind: body for kind, body in records(stage, answer)}
        assert kinds["outcome"]["result"] == "not_sent" and kinds["decision"]["reason"] == "audit_unavailable"
        text = get(stage.node.operations, "/metrics").body.decode()
        assert "\ngatehouse_audit_intents_refused_total 1\n" in text
        waits = {
            line.split('"')[1]: int(line.split()[-1])
            for line in text.splitlines()
            if line.startswith("gatehouse_audit_wait_seconds_bucket")
        }
        assert waits["1.0"] == waits["+Inf"] == before + 1, "what came in time was no later than that"
        verify(stage)
