"""Two nodes behind load balancers that read the files of `deploy/examples`. Of these files only addresses are replaced:
10.20.0.x, where nodes and balancer are in them, becomes a network of loopback's own, with the same ports."""
import asyncio
import collections
import contextlib
import csv
import itertools
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness import Gatehouse, Process, Simulated, answers, get, until

EXAMPLES = Path(__file__).resolve().parents[2] / "deploy" / "examples"
MODEL = "llama3.2:3b"
# Ports that are the same in every example: the node's and the balancer's.
DATA, OPERATIONS, AGENT, FRONT = 11430, 11432, 11433, 8080


def program(name):
    """The path of a balancer: beside this Python, where a wheel brings it, or the system's."""
    wheel = next(Path(sys.prefix).glob(f"lib/python*/site-packages/{name}/_bin/{name}"), None)
    return wheel or shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")


class Network:
    """A /24 of loopback for one process: `10.20.0.` of the examples."""

    numbers = itertools.count()

    def __init__(self):
        number = os.getpid() * 8 + next(self.numbers)
        self.prefix = f"127.{64 + number // 250 % 128}.{1 + number % 250}."

    def address(self, host):
        return f"{self.prefix}{host}"

    def example(self, name, front):
        """One of the files, with `front` in place of the balancer's own address."""
        text = (EXAMPLES / name).read_text()
        assert "10.20.0.5" in text and "10.20.0.6" in text and "10.20.0.4" in text
        return re.sub(r"\b10\.20\.0\.4\b", self.address(front), text).replace("10.20.0.", self.prefix)


class BalancedNode(Gatehouse):
    """A node as the examples want it: the usual ports at an address of its own."""

    def __init__(self, network, number, ollama, keys, slots=4, **more):
        self.address, self.number = network.address(4 + number), number
        listeners = {
            "data": [f"{self.address}:{DATA}"], "operations": [f"{self.address}:{OPERATIONS}"],
            "agent": [f"{self.address}:{AGENT}"],
        }  # fmt: skip
        super().__init__(
            {f"gpu{number}": {"url": f"http://127.0.0.1:{ollama.port}", "slots": slots}}, wait=False,
            manifest=f"schema: 1\ndiscovered: refuse\nmodels: {{'{MODEL}': {{}}}}\n", listeners=listeners,
            keys_place=keys, **more,
        )  # fmt: skip
        self.ready()

    def write(self, manifest=None):
        keys = self.configuration.pop("keys_place")
        self.configuration["keys"] = {"file": str(keys / "keys.yaml"), "pepper": str(keys / "pepper")}
        super().write(manifest)

    def get(self, path, port=OPERATIONS, **more):
        return get(port, path, host=self.address, **more)

    def ready(self):
        def is_so():
            return answers(OPERATIONS, "/readyz", host=self.address, status=200) or not self.alive()

        until(is_so, what="readiness")
        assert self.alive(), self.output[-8000:]

    def stop(self, seconds=20):
        """At once: a second signal waits for no balancer."""
        if self.alive():
            self.signal(signal.SIGTERM)
            until(lambda: "stopping" in self.output or not self.alive(), what="the first signal")
        return super().stop(seconds)

    def restart(self):
        """Stops it as a service manager does, and starts it again; seconds that stopping took."""
        begun = time.monotonic()
        self.signal(signal.SIGTERM)
        assert self.wait(180) == 0, self.output[-8000:]
        seconds = time.monotonic() - begun
        self.start()
        self.ready()
        return seconds


class Farm:
    """Two nodes with a simulated Ollama each, and a key that both take. `tokens`: a second, of each stream."""

    def __init__(self, tokens=50, slots=64, **more):
        self.network = Network()
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-farm-"))
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            simulated = ("--tokens-per-second", str(tokens), "--slots", str(slots), "--models", MODEL)
            self.ollamas = [stack.enter_context(Simulated(*simulated)) for _ in range(2)]
            self.nodes = []
            for number, ollama in enumerate(self.ollamas, 1):
                node = BalancedNode(self.network, number, ollama, self.folder, slots=slots, **more)
                self.nodes.append(stack.enter_context(node))
                if number == 1:
                    made = node.command("keys", "add", "balanced").stdout
                    self.key = next(word for word in made.split() if word.startswith("gh_"))
            self.stack = stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.stack.__exit__(*problem)


class Balancer(Process):
    """One of the balancers with its example. `front` is the last number of its address."""

    front = 4

    def __init__(self, farm):
        self.farm, self.address = farm, farm.network.address(self.front)
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-balancer-"))
        super().__init__(self.command())
        # One that has asked each node, where it does.
        until(lambda: not self.alive() or self.has_both(), what=f"two nodes at {type(self).__name__}")
        assert self.alive(), self.output

    def has_both(self):
        return self.takes(1) and self.takes(2)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def __exit__(self, *problem):
        super().__exit__(*problem)
        shutil.rmtree(self.folder, ignore_errors=True)


class HAProxy(Balancer):
    def command(self):
        path = self.file("haproxy.cfg", self.farm.network.example("haproxy.cfg", self.front))
        return [program("haproxy"), "-db", "-f", path]

    def server(self, number):
        """What HAProxy knows of a node: the line of its statistics, by column."""
        text = get(8404, "/stats;csv", host=self.address).body.decode().removeprefix("# ")
        return next(row for row in csv.DictReader(text.splitlines()) if row["svname"] == f"gh{number}")

    def takes(self, number):
        with contextlib.suppress(OSError):
            server = self.server(number)
            # "UP 1/3" is one that fails, and is asked on.
            return server["status"].startswith("UP") and server["weight"] != "0"
        return False


class Nginx(Balancer):
    front = 14

    def command(self):
        self.file("gatehouse.conf", self.farm.network.example("nginx.conf", self.front))
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        user = "user root; " if os.geteuid() == 0 else ""  # Whose the folder is.
        path = self.file(
            "nginx.conf",
            f"{user}daemon off; worker_processes 2; pid {self.folder}/pid; error_log stderr;\nevents {{}}\n"
            f"http {{ access_log off; {temporary} include {self.folder}/gatehouse.conf; }}\n",
        )
        return [program("nginx"), "-p", self.folder, "-c", path]

    def takes(self, number):
        """It asks no node, and takes none out."""
        return answers(FRONT, "/livez", host=self.address, status=200)


class Envoy(Balancer):
    front = 24

    def command(self):
        path = self.file("envoy.yaml", self.farm.network.example("envoy.yaml", self.front))
        return [program("envoy"), "-c", path, "--disable-hot-restart", "--concurrency", "2", "-l", "warning"]

    def takes(self, number):
        with contextlib.suppress(OSError):
            known = get(9901, "/clusters", host=self.address).body.decode()
            place = re.escape(f"gatehouse::{self.farm.nodes[number - 1].address}:{DATA}::")
            # Envoy counts each answer of a health check; before the first it takes every node.
            asked = re.search(rf"^{place}health_flags::(\S+)$", known, re.M)
            return asked is not None and asked[1] == "healthy"
        return False


class Load:
    """Asks for answers at a steady rate, every second one streamed, over connections that are kept. What does not end as
    it should is noted; nothing is tried again."""

    def __init__(self, address, key, rate, words=8):
        self.address, self.key, self.rate = address, key, rate
        self.prompt = "say: " + " ".join(f"w{number}" for number in range(words))
        self.failures, self.answered, self.late = [], collections.Counter(), 0
        self.idle, self.stopping = [], threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(120)
        assert not self.thread.is_alive()

    async def _run(self):
        begun, running = time.monotonic(), set()
        for number in itertools.count():
            due = begun + number / self.rate
            if self.stopping.is_set():
                break
            wait = due - time.monotonic()
            self.late = max(self.late, -wait)
            await asyncio.sleep(max(0, wait))
            task = asyncio.create_task(self._ask(number))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)

    async def _ask(self, number):
        try:
            async with asyncio.timeout(60):
                status, headers, body = await self._exchange(streams=number % 2 == 0)
        except (OSError, EOFError, TimeoutError, ValueError) as problem:
            self.failures.append(f"request {number}: {problem!r}")
            return
        ends = b"data: [DONE]\n\n" if number % 2 == 0 else b"}"
        if status == 200 and body.rstrip(b"\r\n").endswith(ends.rstrip(b"\n")):
            self.answered[headers.get("x-gatehouse-route")] += 1
        else:
            self.failures.append(f"request {number}: {status} {headers.get('x-gatehouse-reason')} {body[-200:]!r}")

    async def _exchange(self, streams):
        """One request and its answer: (status, headers, body)."""
        body = json.dumps(
            {"model": MODEL, "stream": streams, "messages": [{"role": "user", "content": self.prompt}]}
        ).encode()
        reader, writer = await self._connection()
        keeps = False
        try:
            writer.write(
                f"POST /v1/chat/completions HTTP/1.1\r\nHost: models\r\nAuthorization: Bearer {self.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
            answer = await self._body(reader, headers)
            keeps = headers.get("connection", "").lower() != "close"
            return int(head[0].split()[1]), headers, answer
        finally:
            if keeps:
                self.idle.append((reader, writer, time.monotonic()))
            else:
                writer.close()

    @staticmethod
    async def _body(reader, headers):
        if headers.get("transfer-encoding") != "chunked":
            return await reader.readexactly(int(headers["content-length"]))
        parts = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            parts.append((await reader.readexactly(size + 2))[:-2])
        await reader.readuntil(b"\r\n")
        return b"".join(parts)

    async def _connection(self):
        """A kept one that is surely open still, or a new one."""
        while self.idle:
            reader, writer, since = self.idle.pop()
            if time.monotonic() - since < 5 and not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self.address, FRONT)
