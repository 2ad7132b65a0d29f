"""What systemd does for a service: it is told how the node is, hears its heart, and keeps its listening sockets open
while one process ends and the next begins."""
import concurrent.futures
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from harness import Gatehouse, free_port, get, until

MODEL = "llama3.2:3b"

# Runs the command with the descriptors from 3 on as sd_listen_fds(3) has it: LISTEN_PID must be the process itself.
ACTIVATE = [
    sys.executable,
    "-c",
    "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])",
]


class Manager:
    """Hears what sd_notify(3) says."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.heard = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            self.heard += [(time.monotonic(), line) for line in self.socket.recv(4096).decode().split("\n")]

    def count(self, line):
        return sum(1 for _, heard in self.heard if heard == line)


def test_a_supervisor_hears_ready_the_heart_and_the_end(ollama, tmp_path):
    manager = Manager(tmp_path)
    env = {"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "200000"}
    with Gatehouse({"gpu1": ollama.port}, env=env) as node:
        until(lambda: manager.count("STATUS=ready"), what="the status")
        assert manager.count("READY=1") == 1 and manager.count("STOPPING=1") == 0
        until(lambda: manager.count("WATCHDOG=1") >= 5, what="five beats")
        beats = [at for at, line in manager.heard if line == "WATCHDOG=1"]
        assert all(later - earlier < 0.2 for earlier, later in zip(beats, beats[1:]))
        node.signal(signal.SIGTERM)
        node.wait()
    until(lambda: manager.count("STOPPING=1") == 1 and manager.count("STATUS=draining"), what="the end")


def test_a_stopped_loop_does_not_beat(ollama, tmp_path):
    manager = Manager(tmp_path)
    with Gatehouse({"gpu1": ollama.port}, env={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "200000"}) as node:
        until(lambda: manager.count("WATCHDOG=1"), what="a beat")
        node.signal(signal.SIGSTOP)
        time.sleep(0.3)
        before = manager.count("WATCHDOG=1")
        time.sleep(0.5)
        assert manager.count("WATCHDOG=1") == before
        node.signal(signal.SIGCONT)
        until(lambda: manager.count("WATCHDOG=1") > before, what="the next beat")


@pytest.mark.parametrize("path", ["/nowhere/notify", "nonsense", "@gatehouse-test-nobody", "vsock:2:1234", ""])
def test_a_supervisor_that_is_not_there_changes_nothing(ollama, path):
    with Gatehouse({"gpu1": ollama.port}, env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "x"}) as node:
        assert get(node.port, "/readyz").status == 200


def test_a_watchdog_meant_for_another_process_is_not_served(ollama, tmp_path):
    manager = Manager(tmp_path)
    env = {"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"}
    with Gatehouse({"gpu1": ollama.port}, env=env):
        until(lambda: manager.count("READY=1"), what="readiness")
        time.sleep(0.3)
        assert manager.count("WATCHDOG=1") == 0


# Sockets


class Activated(Gatehouse):
    """A node whose listening sockets belong to this process, as they would to systemd."""

    def __init__(self, backends, sockets, **more):
        self.sockets = sockets
        ports = [opened.getsockname()[1] for opened in sockets]
        listeners = {"data": [f"127.0.0.1:{ports[0]}"], "operations": [f"127.0.0.1:{ports[1]}"]}
        super().__init__(
            backends, listeners=listeners, through=ACTIVATE, env={"LISTEN_FDS": str(len(sockets))},
            drain={"delay": "30s", "timeout": "20s"}, wait=False, **more,
        )  # fmt: skip
        self.port, self.operations = ports[:2]

    def start(self):
        # Descriptors 3 and 4 of the child.
        saved = []
        try:
            for wanted, opened in enumerate(self.sockets, 3):
                saved.append((wanted, os.dup(wanted) if os.path.exists(f"/proc/self/fd/{wanted}") else None))
                os.dup2(opened.fileno(), wanted, inheritable=True)
            self.process = subprocess.Popen(
                self.arguments, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, env=self.env, cwd=self.cwd,
                pass_fds=range(3, 3 + len(self.sockets)),
            )  # fmt: skip
        finally:
            for wanted, old in saved:
                if old is None:
                    os.close(wanted)
                else:
                    os.dup2(old, wanted)
                    os.close(old)


def listening(count=2):
    # Away from the descriptors that the child is to get them as.
    sockets = []
    for _ in range(count):
        opened = socket.socket()
        opened.bind(("127.0.0.1", 0))
        opened.listen(512)
        sockets.append(opened)
    return sockets


def test_sockets_that_are_handed_over_serve_across_a_restart(ollama):
    """Requests and streams go on while the process is replaced three times; none fails, none is refused."""
    sockets = listening()
    failures, done, stop = [], [], threading.Event()

    def caller(number):
        while not stop.is_set():
            link = http.client.HTTPConnection("127.0.0.1", sockets[0].getsockname()[1], timeout=60)
            body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "stream": number % 2 == 0}
            try:
                link.request("POST", "/v1/chat/completions", json.dumps(body), {"Connection": "close"})
                answer = link.getresponse()
                text = answer.read()
                if answer.status != 200 or (body["stream"] and not text.endswith(b"data: [DONE]\n\n")):
                    failures.append((answer.status, text[-300:]))
                done.append(number)
            except OSError as error:
                failures.append(repr(error))
            finally:
                link.close()

    with Activated({"gpu1": ollama.port}, sockets) as node:
        node.ready()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(caller, number) for number in range(8)]
            for _ in range(3):
                before = len(done)
                until(lambda: len(done) > before + 8, what="answers")
                node.signal(signal.SIGTERM)
                assert node.wait(30) == 0
                node.start()
            before = len(done)
            until(lambda: len(done) > before + 8, what="answers of the last process")
            stop.set()
            for call in calls:
                call.result()
    assert failures == []
    for opened in sockets:
        opened.close()


def test_a_socket_that_nobody_serves_is_refused(ollama):
    sockets = listening(3)
    with Activated({"gpu1": ollama.port}, sockets) as node:
        assert node.wait(20) == 1
        assert f"127.0.0.1:{sockets[2].getsockname()[1]} was handed over" in node.output


def test_what_is_no_listening_socket_is_refused(ollama):
    sockets = listening(2)
    with socket.socket() as idle:
        with Activated({"gpu1": ollama.port}, [*sockets[:1], idle]) as node:
            assert node.wait(20) == 1
            assert "descriptor 4 was handed over (LISTEN_FDS) and is no listening TCP socket" in node.output


def test_two_nodes_share_a_port_where_both_say_so(ollama):
    port = free_port()
    listeners = {"data": [f"127.0.0.1:{port}"], "reuse_port": True}
    with Gatehouse({"gpu1": ollama.port}, listeners=listeners, node="one") as one:
        with Gatehouse({"gpu1": ollama.port}, listeners=listeners, node="two") as two:
            for _ in range(40):
                assert get(port, "/v1/models").status == 200
            until(
                lambda: all('"endpoint":"/v1/models"' in node.output for node in (one, two)), what="a request for each"
            )
            one.stop()
            for _ in range(20):
                assert get(port, "/v1/models").status == 200
    with Gatehouse({"gpu1": ollama.port}, listeners={"data": [f"127.0.0.1:{port}"]}) as alone:
        assert alone.alive()
        other = Gatehouse({"gpu1": ollama.port}, listeners=listeners, wait=False)
        with other:
            assert other.wait(20) == 1 and "address already in use" in other.output
