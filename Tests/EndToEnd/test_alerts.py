"""Every alert that can be provoked, by the real Prometheus before real nodes: it fires when its fault is made, and ends
with it. The rules are those of `deploy/monitoring`, with every time in them shortened by one factor."""
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

from gate import Node, allow, chat, manifest, policy, terms
from harness import (
    NDJSON_HEAD,
    Gatehouse,
    Process,
    RawUpstream,
    Simulated,
    answers,
    chunk,
    free_port,
    get,
    post,
    request,
    until,
)
from outside import Cloud
from test_audit import tamper
from test_first_token import lost_slots
from test_monitoring import RULES

# In the rules of this file a minute takes 0.4 s.
FASTER = 150
MODEL = "llama3.2:3b"
SECONDS = {"m": 60, "h": 3600, "d": 86400}
# A fault of the program itself, which has none to show; `promtool test rules` plays it.
NOT_PROVOKED = {"GatehouseDoorHeld"}


def hastened(rules):
    """Every `for`, window and offset, shortened."""

    def shorter(found):
        return f"{found[1]}{int(found[2]) * SECONDS[found[3]] * 1000 // FASTER}ms"

    text, count = re.subn(r"(for: |\[|offset |:)(\d+)([mhd])\b", shorter, rules)
    assert count > 30
    return text


class Prometheus(Process):
    """It scrapes `targets`, (job, instance, port)."""

    def __init__(self, targets):
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="gatehouse-prometheus-")), free_port()
        (self.folder / "rules.yml").write_text(hastened(RULES))
        jobs = {}
        for job, instance, port in targets:
            jobs.setdefault(job, []).append({"targets": [f"127.0.0.1:{port}"], "labels": {"instance": instance}})
        configuration = {
            "global": {"scrape_interval": "400ms", "scrape_timeout": "400ms", "evaluation_interval": "400ms"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [{"job_name": job, "static_configs": found} for job, found in jobs.items()],
        }
        (self.folder / "prometheus.yml").write_text(json.dumps(configuration))
        super().__init__(
            [
                "prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
                f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn",
            ]
        )  # fmt: skip

    def firing(self):
        """(alert, instance or job) of all that fire."""
        alerts = get(self.port, "/api/v1/alerts").json["data"]["alerts"]
        found = [alert["labels"] for alert in alerts if alert["state"] == "firing"]
        return {(labels["alertname"], labels.get(part)) for labels in found for part in ("instance", "job")}

    def __exit__(self, *problem):
        super().__exit__(*problem)
        shutil.rmtree(self.folder, ignore_errors=True)


class Traffic:
    """Does one thing again and again, in `threads`, until it is ended."""

    def __init__(self, act, pause=0.1, threads=1):
        self.act, self.pause, self.ending = act, pause, threading.Event()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for thread in self.threads:
            thread.start()

    def _run(self):
        while not self.ending.is_set():
            with contextlib.suppress(OSError):
                self.act()
            self.ending.wait(self.pause)

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(60)


class Story:
    """A fault, the alerts that it causes, and its end. `provoke` runs when the story begins, `mend` when all of its
    alerts have fired."""

    def __init__(self, *alerts):
        self.alerts = {alert for alert in alerts if alert}

    def provoke(self):
        pass

    def mend(self):
        pass


def ask(node, text="say: x", model=MODEL, **more):
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    return post(node.port, "/v1/chat/completions", body, timeout=60)


def faults(server, *names):
    assert request(server.port, "POST", "/__simulated/faults", body={"faults": list(names)}).status == 200


class Outside(Story):
    """A provider that gets more than ever, a project that may not go there, then a key that the provider refuses."""

    def __init__(self, stack, folder):
        super().__init__(*((alert, "outside") for alert in ("GatehouseExternalDenied", "GatehouseLeavingMore")))
        cloud = stack.enter_context(Cloud(folder / "cloud", "127.0.0.2"))
        rules = policy(terms(cloud), allow(projects=["website"]))
        rules["defaults"]["sensitivity"] = "restricted"
        rules["sensitivity"] = {"by_tag": [{"project": "website", "is": "public"}]}
        self.node = stack.enter_context(
            Node({"gpu1": free_port()}, cloud, rules, manifest(MODEL), wait=False, health={"interval": "500ms"})
        )
        until(lambda: answers(self.node.operations, "/startupz", status=200), what="the start")
        self.website, self.legal = self.node.key("website", "website"), self.node.key("legal", "legal")

    def provoke(self):
        self.traffic = [
            Traffic(lambda: chat(self.node, MODEL, key=self.website)),
            Traffic(lambda: chat(self.node, MODEL, key=self.legal)),
        ]

    def mend(self):
        for traffic in self.traffic:
            traffic.end()


class RefusedKey(Story):
    def __init__(self, outside):
        super().__init__(("GatehouseProviderKeyRefused", "outside"))
        self.outside = outside

    def provoke(self):
        chat(self.outside.node, MODEL, "<<error: 401>>", key=self.outside.website)


class Crowd(Story):
    """One slot, answers of 0.4 s, room for 20 who wait, and 26 callers."""

    def __init__(self, stack):
        super().__init__(("GatehouseQueueSlow", "crowd"), ("GatehouseRefusing", "crowd"))
        server = stack.enter_context(Simulated("--tokens-per-second", "25", "--slots", "1"))
        backend = {"url": f"http://127.0.0.1:{server.port}", "slots": 1}
        self.node = stack.enter_context(Gatehouse({"gpu1": backend}, limits={"queue_per_model": 20}))

    def provoke(self):
        self.traffic = Traffic(lambda: ask(self.node, "count to 10"), threads=26)

    def mend(self):
        self.traffic.end()


class Failing(Story):
    """A backend that passes its probes while every answer fails; afterwards all is well for as long as it takes."""

    def __init__(self, stack):
        names = ("GatehouseBreakerOpen", "GatehouseErrorsFast", "GatehouseErrorsSlow")
        super().__init__(*((name, "failing") for name in names))
        self.server = stack.enter_context(Simulated("--tokens-per-second", "0"))
        self.node = stack.enter_context(Gatehouse({"gpu1": self.server.port}, breaker={"open_for": "1s"}))
        self.traffic = Traffic(lambda: ask(self.node))
        stack.callback(self.traffic.end)

    def provoke(self):
        faults(self.server, "status=500@inference")

    def mend(self):
        faults(self.server)


class Lost(Story):
    """An Ollama that has lost the slots of a model, until that is unloaded."""

    def __init__(self, stack):
        super().__init__(("GatehouseSlotsLost", "lost"))
        self.server, self.node = stack.enter_context(lost_slots())

    def provoke(self):
        for _ in range(2):
            assert ask(self.node, stream=True).status == 504

    def mend(self):
        assert post(self.server.port, "/api/generate", {"model": MODEL, "keep_alive": 0}).status == 200
        until(lambda: MODEL not in self.server.state["loaded"], what="the unloaded model")
        assert ask(self.node, stream=True).status == 200


class Sent(Story):
    """A backend whose answer came from outside."""

    def __init__(self, stack):
        super().__init__(("GatehouseBackendQuarantined", "sent"))
        self.node = stack.enter_context(Gatehouse({"gpu1": stack.enter_context(RawUpstream(self.script)).port}))

    @staticmethod
    def script(connection, head, body):
        record = {"model": "tiny", "remote_host": "https://ollama.com:443", "message": {"content": "x"}, "done": True}
        connection.sendall(NDJSON_HEAD + chunk(json.dumps(record) + "\n") + chunk(""))

    def provoke(self):
        post(self.node.port, "/api/chat", {"model": "tiny", "messages": [{"role": "user", "content": "x"}]})

    def mend(self):
        self.node.command("backends", "release", "gpu1")


class Alone(Story):
    """A node whose only backend is not there when it starts."""

    def __init__(self, stack):
        names = ("GatehouseNotReady", "GatehouseNoUsableBackend", "GatehouseBackendUnusable")
        super().__init__(*((name, "alone") for name in names))
        self.stack, self.port = stack, free_port()
        self.node = stack.enter_context(Gatehouse({"gpu1": self.port}, wait=False, health={"interval": "500ms"}))

    def mend(self):
        self.stack.enter_context(Simulated(port=self.port))


class Twins(Story):
    """Two nodes with the same files, until one has others: another manifest, a key that ends, and mistakes."""

    def __init__(self, stack, ollama):
        super().__init__(
            ("GatehouseReloadRefused", "one"), ("GatehouseNodesDiffer", "twins"), ("GatehouseKeyEnding", "other")
        )
        self.one, self.other = (stack.enter_context(Gatehouse({"gpu1": ollama.port})) for _ in range(2))

    def provoke(self):
        self.one.config.write_text(self.one.config.read_text() + "nonsense: true\n")
        self.one.signal(signal.SIGHUP)
        self.other.write("schema: 1\ndiscovered: refuse\n")
        self.other.command("reload")
        made = self.other.command("keys", "add", "short", "--days", "5").stdout
        self.key = re.search(r"gh_live_(\w{8})_", made)[1]

    def mend(self):
        for node in (self.one, self.other):
            node.write()
        self.other.command("keys", "revoke", self.key)
        for node in (self.one, self.other):
            node.command("reload")


class FullDisk(Story):
    """A disk that is full, with a log that nobody can write to."""

    def __init__(self, stack, ollama):
        names = ("GatehouseDiskLow", "GatehouseAuditNotWritten", "GatehouseRecordsLost")
        super().__init__(*((name, "disk") for name in names))
        self.disk = Path(tempfile.mkdtemp(prefix="gatehouse-disk-"))
        mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", self.disk]
        if os.geteuid() != 0 or subprocess.run(mount).returncode:
            pytest.skip("needs root, to mount a small file system")
        stack.callback(subprocess.run, ["umount", "-l", self.disk], check=True)
        through = ["sh", "-c", 'exec "$@" > /dev/full 2>&1', "sh"]
        self.node = stack.enter_context(
            Gatehouse({"gpu1": ollama.port}, state=str(self.disk / "state"), through=through)
        )

    def provoke(self):
        with contextlib.suppress(OSError), open(self.disk / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 4096)
        # Each refusal is a record of the audit chain, and each request a line of the log.
        self.traffic = Traffic(lambda: ask(self.node, model="x:cloud"))

    def mend(self):
        self.traffic.end()
        (self.disk / "filler").unlink()
        ask(self.node, model="x:cloud")


class Killed(Story):
    """A node that dies."""

    def __init__(self, stack, ollama):
        super().__init__(("GatehouseDown", "killed"))
        self.node = stack.enter_context(Gatehouse({"gpu1": ollama.port}))

    def provoke(self):
        self.node.signal(signal.SIGKILL)
        self.node.wait()

    def again(self):
        self.node.start()
        self.node.ready()


class Forged(Story):
    """The node that died finds its audit chain changed, and gets a new one."""

    def __init__(self, killed):
        super().__init__(("GatehouseAuditBroken", "killed"))
        self.killed, self.audit = killed, killed.node.folder / "state" / "audit.sqlite"

    def provoke(self):
        tamper(self.audit, "UPDATE audit SET time = time + 1000000 WHERE seq = 1")
        self.killed.again()

    def mend(self):
        self.killed.node.stop()
        for file in self.audit.parent.glob("audit.sqlite*"):
            file.unlink()
        self.killed.again()


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("GATEHOUSE_ALERTS"), reason="half a minute of faults: GATEHOUSE_ALERTS=1 makes them")
@pytest.mark.root
@pytest.mark.timing
@pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is not installed")
def test_every_alert_fires_with_its_fault_and_ends_with_it(ollama, tmp_path):
    with contextlib.ExitStack() as stack:
        outside, killed = Outside(stack, tmp_path), Killed(stack, ollama)
        crowd, failing, lost, sent = Crowd(stack), Failing(stack), Lost(stack), Sent(stack)
        alone, twins, disk = Alone(stack), Twins(stack, ollama), FullDisk(stack, ollama)
        # Those of one line come one after the other, since one needs the other's end.
        lines = [[outside, RefusedKey(outside)], [killed, Forged(killed)]]
        lines += [[crowd], [failing], [lost], [sent], [alone], [twins], [disk]]
        expected = set().union(*(story.alerts for line in lines for story in line))
        assert {alert for alert, _ in expected} == set(re.findall(r"alert: (\w+)", RULES)) - NOT_PROVOKED
        nodes = {
            "outside": outside.node, "killed": killed.node, "crowd": crowd.node, "failing": failing.node,
            "lost": lost.node, "sent": sent.node, "alone": alone.node, "disk": disk.node,
        }  # fmt: skip
        targets = [("gatehouse", name, node.operations) for name, node in nodes.items()]
        targets += [("twins", "one", twins.one.operations), ("twins", "other", twins.other.operations)]
        prometheus = stack.enter_context(Prometheus(targets))

        def scraped():
            with contextlib.suppress(OSError, ValueError):  # It is starting.
                found = get(prometheus.port, "/api/v1/query?query=up").json["data"]["result"]
                return len(found) == len(targets) and all(series["value"][1] == "1" for series in found)

        until(scraped, what="a scrape of every node")
        assert not prometheus.firing() & (expected - alone.alerts - outside.alerts)
        told = []
        threads = [threading.Thread(target=play, args=(line, prometheus, told), daemon=True) for line in lines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(100)
        assert len(told) == sum(map(len, lines)), f"{told}\nfiring now: {sorted(map(str, prometheus.firing()))}"
        print("\n".join(told))


def play(line, prometheus, told):
    for story in line:
        begun = time.monotonic()
        story.provoke()
        until(lambda: story.alerts <= prometheus.firing(), seconds=45, what=f"{story.alerts}")
        fired = time.monotonic()
        story.mend()
        if not isinstance(story, Killed):  # The next story starts the node again, and ends this alert with it.
            until(lambda: not story.alerts & prometheus.firing(), seconds=45, what=f"the end of {story.alerts}")
        ended = time.monotonic()
        told.append(f"{type(story).__name__}: fired after {fired - begun:.1f} s, ended {ended - fired:.1f} s later")
