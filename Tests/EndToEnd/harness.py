"""What the stories share: the real binary as a process, raw upstreams and canaries. Everything is on loopback, every
wait is for an event and has an end."""
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

BINARY = os.environ.get("GATEHOUSE_BINARY") or str(
    Path(__file__).resolve().parents[2] / ".build" / "debug" / "gatehouse"
)


# A command frees nothing before its process ends; leaks are looked for in what runs on.
COMMAND_ENVIRONMENT = {"ASAN_OPTIONS": "detect_leaks=0"}


PORTS_GIVEN = set()


def free_port():
    """A port that nobody listens on; the kernel may offer the same one twice, we do not."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in PORTS_GIVEN:
            PORTS_GIVEN.add(port)
            return port


def until(condition, seconds=20, what="the condition"):
    """Polls a fact of another process, which cannot call us back."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not hold within {seconds} s")
        time.sleep(0.02)


def answers(port, path="/", host="127.0.0.1", status=None):
    try:
        got = get(port, path, host=host, timeout=2)
    except OSError:
        return False
    return status is None or got.status == status


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


def request(port, method, path, body=None, headers=None, host="127.0.0.1", timeout=30):
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        connection.request(method, path, body=body, headers=headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def get(port, path, **more):
    return request(port, "GET", path, **more)


def post(port, path, body, **more):
    return request(port, "POST", path, body=body, **more)


class Process:
    """A child that is always ended, and whose output is kept for the failure report."""

    def __init__(self, arguments, env=None, cwd=None):
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log", delete=False)
        self.arguments, self.env, self.cwd = [str(a) for a in arguments], {**os.environ, **(env or {})}, cwd
        self.start()

    def start(self):
        """Starts it, once more where it has ended. All it says goes into one log."""
        self.process = subprocess.Popen(
            self.arguments,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env=self.env,
            cwd=self.cwd,
        )

    @property
    def output(self):
        return Path(self.log.name).read_text(errors="replace")

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=30):
        return self.process.wait(seconds)

    def stop(self, seconds=20):
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"did not stop within {seconds} s\n{self.output[-4000:]}")
        return self.process.returncode

    def kill(self):
        if self.alive():
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # What a sanitizer found must fail the story, wherever it was printed.
        code = None
        try:
            code = self.stop()
        finally:
            text = self.output
            self.log.close()
            os.unlink(self.log.name)
            assert "Sanitizer" not in text, text[-8000:]
            assert "Fatal error" not in text, text[-8000:]


class Simulated(Process):
    """`gatehouse simulate`: an Ollama server as the product brings it."""

    def __init__(self, *options, port=None, env=None):
        self.port = port or free_port()
        super().__init__([BINARY, "simulate", "--listen", f"127.0.0.1:{self.port}", *options], env=env)
        until(lambda: answers(self.port) or not self.alive(), what="the simulated Ollama")
        assert self.alive(), self.output

    @property
    def state(self):
        return get(self.port, "/__simulated/state").json

    @property
    def counters(self):
        return self.state["counters"]

    @property
    def bodies(self):
        """The JSON bodies that it was asked to work on."""
        return [json.loads(r["body"]) for r in self.state["requests"] if r["method"] == "POST" and r["body"]]

    @property
    def departures(self):
        """What a real server would have sent to its maker's cloud."""
        return self.state["wouldHaveLeft"]


def yaml(value, indent=0):
    """The little YAML that the stories write."""
    pad = "  " * indent
    if isinstance(value, dict):
        if not value:
            return "{}"
        return "\n" + "\n".join(f"{pad}{json.dumps(str(k))}: {yaml(v, indent + 1)}" for k, v in value.items())
    if isinstance(value, list):
        return "[" + ", ".join(yaml(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, str) else str(value)


class Gatehouse(Process):
    """`gatehouse serve` with files of its own. `backends` maps a name to a port, a URL or a whole mapping; `through` is
    a command that runs it."""

    def __init__(self, backends, env=None, manifest=None, wait=True, keys=None, folder=None, through=(), **more):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="gatehouse-"))
        self.port, self.operations = free_port(), free_port()
        self.config = self.folder / "gatehouse.yaml"
        self.configuration = {
            "schema": 1,
            "state": str(self.folder / "state"),
            "listeners": {"data": [f"127.0.0.1:{self.port}"], "operations": [f"127.0.0.1:{self.operations}"]},
            "drain": {"delay": "0s", "timeout": "5s"},
            "backends": {name: self.backend(given) for name, given in backends.items()},
        }
        for key, value in more.items():
            if isinstance(value, dict) and isinstance(self.configuration.get(key), dict):
                self.configuration[key] = {**self.configuration[key], **value}
            else:
                self.configuration[key] = value
        self.write(manifest)
        if keys is not None:
            (self.folder / "keys.yaml").write_text(keys)
        super().__init__([*through, BINARY, "serve", "--config", self.config], env=env)
        if wait:
            self.ready()

    def ready(self):
        """Waits until it takes requests."""
        until(lambda: answers(self.operations, "/readyz", status=200) or not self.alive(), what="readiness")
        assert self.alive(), self.output[-8000:]

    @staticmethod
    def backend(given):
        if isinstance(given, int):
            given = f"http://127.0.0.1:{given}"
        if isinstance(given, str):
            given = {"url": given}
        return {"kind": "ollama", "zone": "loopback", "slots": 4, **given}

    def write(self, manifest=None):
        self.config.write_text(yaml(self.configuration).lstrip() + "\n")
        (self.folder / "models.manifest").write_text(
            manifest if manifest is not None else "schema: 1\ndiscovered: serve\n"
        )

    def command(self, *arguments, check=True, env=None):
        done = subprocess.run(
            [BINARY, *arguments, "--config", str(self.config)],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, **COMMAND_ENVIRONMENT, **(env or {})},
        )
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def __exit__(self, *problem):
        super().__exit__(*problem)
        shutil.rmtree(self.folder, ignore_errors=True)


class Canary:
    """Listens where nothing may ever arrive, and remembers what did."""

    def __init__(self, address="127.0.0.1", port=0):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(16)
        self.port = self.socket.getsockname()[1]
        self.seen = []
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            try:
                connection, peer = self.socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                with contextlib.suppress(OSError):
                    self.seen.append((peer, connection.recv(4096)))

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.socket.close()
        if problem[0] is None:
            assert self.seen == [], f"the canary saw {self.seen}"


class RawUpstream:
    """An upstream of plain sockets: `script(connection, head, body)` writes whatever bytes it likes. Probes are answered
    as an Ollama with one model would, unless `probes` is given."""

    PROBES = {
        "/api/version": {"version": "0.33.0"},
        "/api/status": {"cloud": {"disabled": True, "source": "env"}},
        "/api/tags": {
            "models": [
                {
                    "name": "tiny:latest",
                    "model": "tiny:latest",
                    "modified_at": "2026-01-01T00:00:00Z",
                    "size": 1000,
                    "digest": "d" * 64,
                    "details": {"format": "gguf", "family": "llama"},
                    "capabilities": ["completion"],
                }
            ]
        },
        "/api/ps": {"models": []},
        "/api/show": {"capabilities": ["completion"], "model_info": {"llama.context_length": 4096}, "details": {}},
    }

    def __init__(self, script=None, probes=None, address="127.0.0.1", port=0):
        self.script = script
        self.probes = {**self.PROBES, **(probes or {})}
        self.requests = []
        self.open = []
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            while True:
                head, body = read_message(connection)
                if head is None:
                    return
                path = head.split(b" ")[1].decode()
                if path in self.probes:
                    answer = self.probes[path]
                    if callable(answer):
                        answer = answer()
                    status = 200
                    if isinstance(answer, tuple):
                        status, answer = answer
                    connection.sendall(message(json.dumps(answer), status=status))
                    continue
                self.requests.append((head, body))
                if self.script is None:
                    connection.sendall(message('{"error":"no script"}', status=500))
                elif self.script(connection, head, body) == "close":
                    return

    def close(self):
        # shutdown wakes the threads that accept and read; close alone does not.
        for one in [self.socket, *self.open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def read_message(connection):
    """One HTTP message with a Content-Length or a chunked body: (head, body), or (None, None) at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None, None
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    fields = {
        line.split(b":", 1)[0].strip().lower(): line.split(b":", 1)[1].strip()
        for line in head.split(b"\r\n")[1:]
        if b":" in line
    }
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        while not rest.endswith(b"0\r\n\r\n"):
            part = connection.recv(65536)
            if not part:
                break
            rest += part
        body = b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            count = int(size, 16)
            if count == 0:
                break
            body, rest = body + rest[:count], rest[count + 2 :]
        return head, body
    length = int(fields.get(b"content-length", b"0"))
    while len(rest) < length:
        part = connection.recv(65536)
        if not part:
            break
        rest += part
    return head, rest[:length]


def message(body, status=200, content_type="application/json", extra=""):
    body = body.encode() if isinstance(body, str) else body
    return (
        f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode()
        + body
    )


def chunk(text):
    data = text.encode() if isinstance(text, str) else text
    return b"%x\r\n%s\r\n" % (len(data), data)


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
NDJSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"


def rss(pid, line="VmRSS"):
    """Resident memory of a process in bytes."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status[line].split()[0]) * 1024


def peak(pid):
    """The most that it ever was."""
    return rss(pid, "VmHWM")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
