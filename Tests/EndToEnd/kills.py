"""Kills a node again and again under mixed traffic, and then holds it to what it promised: `deploy/soak --kills`, and a
short form among the tests. Everything random comes from one seed, which is printed."""
import argparse
import collections
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time

from stage import DEPLOY, MODEL, Stage

# Usage rows wait up to 100 ms for others (`UsageStore.groupTime`). The rest is for two commits and for threads that wait
# for a processor: a row that is older than this at the kill must be there.
WINDOW = 0.1 + 0.4


class Caller(threading.Thread):
    """Asks for this and that, one after the other, and notes what it was answered to the end."""

    KINDS = {
        "local, whole": 4, "local, streamed": 4, "local, native": 2, "local, left": 1, "outside, whole": 4,
        "outside, streamed": 4, "outside, by name": 2, "outside, left": 1, "refused by the policy": 3,
        "refused by name": 2,
    }  # fmt: skip

    def __init__(self, stage, name, generator):
        super().__init__(name=name, daemon=True)
        self.stage, self.generator = stage, generator
        self.stopping = threading.Event()
        # (kind, status, request id, when the end of the answer was here)
        self.answered = []
        self.wrong = []
        self.count = 0

    def run(self):
        while not self.stopping.is_set():
            (kind,) = self.generator.choices(list(self.KINDS), self.KINDS.values())
            self.count += 1
            try:
                self.ask(kind)
            except (OSError, http.client.HTTPException):
                self.stopping.wait(0.01)  # It is dead, or was killed in the middle.

    def ask(self, kind):
        # No two prompts are alike, so that what the provider saw can be told apart.
        text = f"say: {self.name} asks for the {self.count}th time"
        model = {"local": MODEL, "outside": "gone:7b"}.get(kind.split(",")[0], "gone:7b")
        if kind == "outside, by name":
            model = "m-large"
        if kind == "refused by name":
            model = "x:cloud"
        key = self.stage.legal if kind == "refused by the policy" else self.stage.website
        streams = kind.endswith(("streamed", "native", "left"))
        path = "/api/chat" if kind.endswith("native") else "/v1/chat/completions"
        connection = http.client.HTTPConnection("127.0.0.1", self.stage.node.port, timeout=20)
        try:
            body = {"model": model, "messages": [{"role": "user", "content": text}], "stream": streams}
            connection.request("POST", path, json.dumps(body), {"Authorization": f"Bearer {key}"})
            answer = connection.getresponse()
            if kind.endswith("left"):
                answer.read(1)
                return
            content = answer.read()
            ended = time.monotonic()
            self.judge(kind, answer, content)
            self.answered.append((kind, answer.status, answer.getheader("x-gatehouse-request-id"), ended))
        finally:
            connection.close()

    def judge(self, kind, answer, content):
        """An answer that came whole must be one that is right in this world; 503 is while it starts or reloads."""
        route, status = answer.getheader("x-gatehouse-route"), answer.status
        wanted = {"local": (200, "local:gpu1"), "outside": (200, "external:provider")}
        if status != 503 and (status, route) != wanted.get(kind.split(",")[0], (403, "none")):
            self.wrong.append(f"{kind}: {status} {route} {content[:300]!r}")


def until_killed(stage, generator, moments):
    """One life of the node: it starts, reloads now and then, and is killed at some moment."""
    if generator.random() < 0.2:
        time.sleep(generator.uniform(0, 0.3))  # Before it is ready.
    else:
        stage.node.ready()
        time.sleep(generator.uniform(0, 0.6))
        if generator.random() < 0.5:
            stage.write_policy()
            stage.node.process.send_signal(signal.SIGHUP)
            time.sleep(generator.choice([0, generator.uniform(0, 0.02), generator.uniform(0, 0.4)]))
    moments.append(stage.kill())
    stage.node.start()


def play(kills, seed, tell=lambda line: None):
    """Kills the node so many times and returns the figures, or raises where a promise was broken."""
    generator = random.Random(seed)
    with Stage() as stage:
        callers = [Caller(stage, f"{seed}-{i}", random.Random(f"{seed}-{i}")) for i in range(8)]
        moments = []
        try:
            for caller in callers:
                caller.start()
            for number in range(kills):
                until_killed(stage, generator, moments)
                if (number + 1) % 10 == 0:
                    tell(f"{number + 1} kills, {sum(len(c.answered) for c in callers)} answers")
            stage.node.ready()
            time.sleep(0.5)
        finally:
            for caller in callers:
                caller.stopping.set()
            for caller in callers:
                caller.join(30)
        assert stage.node.stop() == 0, stage.node.output[-4000:]
        wrong = [line for caller in callers for line in caller.wrong]
        assert not wrong, wrong[:10]
        answered = [one for caller in callers for one in caller.answered]
        return {"kills": kills, "seed": seed, **Examination(stage, answered, moments).figures}


class Examination:
    """What the files say after it all, beside what callers and provider know."""

    def __init__(self, stage, answered, moments):
        self.state = stage.folder / "state"
        self.figures = {}
        self.verify(stage)
        self.read(stage)
        self.departures(stage.cloud.requests)
        self.usage(answered, moments)
        self.outcomes_of_answers(answered, moments)
        by_kind = collections.Counter(kind for kind, *_ in answered)
        self.figures["answers"] = {"all": len(answered), **dict(sorted(by_kind.items()))}
        starts = sum(kind == "start" for kind, *_ in self.records)
        self.figures["starts after a kill"] = starts
        assert [kind for kind, *_ in self.records].count("genesis") == 1

    def verify(self, stage):
        own = json.loads(stage.node.command("audit", "verify", "--json", check=False).stdout)
        assert own["whole"] and not own["departures"]["faults"] and own["departures"]["open"] == 0, own
        assert own["usage"]["differ"] == [] and own["usage"]["gone"] == 0, own["usage"]
        other = subprocess.run(
            [sys.executable, DEPLOY / "audit-verify.py", self.state / "audit.sqlite", "--usage",
             self.state / "usage.sqlite"],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert other.returncode == 0, other.stdout + other.stderr
        self.figures["records"] = own["records"]

    def read(self, stage):
        with contextlib.closing(sqlite3.connect(self.state / "audit.sqlite")) as audit:
            rows = audit.execute("SELECT kind, time, body FROM audit ORDER BY seq").fetchall()
        self.records = [(kind, at, json.loads(body)) for kind, at, body in rows]
        self.intents = [(at, body) for kind, at, body in self.records if kind == "intent"]
        self.outcomes = collections.defaultdict(list)
        for kind, _, body in self.records:
            if kind == "outcome":
                self.outcomes[body["request_id"], body["attempt"]].append(body)

    def departures(self, seen):
        """What the provider saw has its intent, recorded before; each intent has one outcome, and a true one."""
        secret = (self.state / "commitment.key").read_bytes()
        commitments = [hmac.new(secret, one["text"].encode(), hashlib.sha256).hexdigest() for one in seen]
        # Where a reload came before the send there are two for one body, and the second is the one that counts.
        intents = {body["body_hmac"]: (at, body) for at, body in self.intents}
        for commitment, one in zip(commitments, seen):
            assert commitment in intents, f"the provider saw what no record speaks of: {one['text']}"
            assert intents[commitment][0] <= one["time_us"], f"the intent is younger than the request: {one['text']}"
        assert len(set(commitments)) == len(commitments), "nothing was sent twice"
        results, unseen = collections.Counter(), 0
        for _, body in self.intents:
            ends = self.outcomes.get((body["request_id"], body["attempt"]), [])
            assert len(ends) == 1, f"{len(ends)} outcomes for {body}"
            result = ends[0]["result"]
            results[result] += 1
            was_seen = body["body_hmac"] in commitments and intents[body["body_hmac"]][1] is body
            assert was_seen or result != "completed", body
            assert not (was_seen and result == "not_sent"), body
            unseen += not was_seen
        assert sum(map(len, self.outcomes.values())) == len(self.intents)
        self.figures["seen outside"] = len(seen)
        self.figures["intents"] = {"all": len(self.intents), "never seen outside": unseen, **dict(sorted(results.items()))}

    def usage(self, answered, moments):
        """No row is lost but the youngest, and none is there twice."""
        with contextlib.closing(sqlite3.connect(self.state / "usage.sqlite")) as usage:
            assert usage.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            rows = collections.Counter(row.hex() for (row,) in usage.execute("SELECT request FROM usage"))
        assert rows and max(rows.values()) == 1, "a request has two rows"
        lost = [
            (self.age(identity, ended, moments), kind, identity)
            for kind, _, identity, ended in answered
            if identity.replace("-", "") not in rows
        ]
        oldest = max((age for age, *_ in lost), default=0)
        assert oldest <= WINDOW, f"rows lost that were older than {WINDOW} s: {sorted(lost, reverse=True)[:5]}"
        self.figures["usage rows"] = len(rows)
        self.figures["rows lost"] = {"all": len(lost), "oldest, ms": round(oldest * 1000)}

    def outcomes_of_answers(self, answered, moments):
        """An answer from outside that was complete some time before a kill was recorded so."""
        by_request = {request: ends[0]["result"] for (request, _), ends in sorted(self.outcomes.items())}
        late = 0.0
        for kind, status, identity, ended in answered:
            if not kind.startswith("outside") or status != 200:
                continue
            if by_request[identity] != "completed":
                assert by_request[identity] == "unknown_after_crash", (kind, identity, by_request[identity])
                late = max(late, self.age(identity, ended, moments))
        assert late <= WINDOW, f"the outcome of an answer was lost {late:.3f} s after its end"
        self.figures["outcomes lost after an answer, oldest, ms"] = round(late * 1000)

    @staticmethod
    def age(identity, ended, moments):
        """How old an answer was when its node was killed; for ever, if that was not killed. The request's id (UUIDv7,
        RFC 9562 section 5.7) says when it came and so who answered: its caller may read the answer of one who is dead."""
        came = int(identity[:8] + identity[9:13], 16) / 1000
        return next((at - ended for at, wall in moments if wall >= came), float("inf"))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("kills", type=int, nargs="?", default=50)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = options.parse_args()
    print(f"seed {given.seed}", flush=True)
    figures = play(given.kills, given.seed, tell=lambda line: print(line, flush=True))
    for name, value in figures.items():
        text = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"{name}: {text}")


if __name__ == "__main__":
    main()
