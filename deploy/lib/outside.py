"""A place outside for demonstrations and tests: certificates, and the provider of `cloud.py` as a process. With root it
stands in a network namespace of its own, at an address that no zone has; else on a second loopback address, which the
policy lists as outside."""
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from certificates import certificates

HERE = Path(__file__).resolve().parent


class Namespace:
    """A network namespace with one cable to this one, whose near end is `cable`. The far end has a public address, and no
    way beyond."""

    def __init__(self):
        self.name = f"outside{os.getpid()}"
        # Another process on this host may have one too: what is sent there must not come here.
        network = f"44.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"
        self.near, self.far = f"{network}.1", f"{network}.2"
        near, far = f"near{os.getpid()}"[:15], f"far{os.getpid()}"[:15]
        self.cable = near
        self._ip("netns", "add", self.name)
        try:
            self._ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", self.name)
            self._ip("addr", "add", f"{self.near}/30", "dev", near)
            self._ip("link", "set", near, "up")
            self._ip("-n", self.name, "addr", "add", f"{self.far}/30", "dev", far)
            self._ip("-n", self.name, "link", "set", far, "up")
            self._ip("-n", self.name, "link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _ip(*arguments):
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    @property
    def prefix(self):
        return ["ip", "netns", "exec", self.name]

    def close(self):
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)

    @classmethod
    def make(cls):
        """`None` where this may not be done."""
        try:
            return cls()
        except (OSError, subprocess.CalledProcessError):
            return None


class Cloud:
    """The provider, running."""

    def __init__(
        self, folder, address="127.0.0.2", port=0, through=(), certificate=None, key=None, api_key=None, tls=True
    ):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.address = address
        self.ca, self.tls = self.folder / "ca.pem", tls
        if certificate is None and tls:
            self.ca, certificate, key = certificates(self.folder, f"IP:{address}", "DNS:provider.example")
        more = ["--certificate", str(certificate), "--key", str(key)] if tls else []
        more += ["--api-key", api_key] if api_key else []
        self.record = self.folder / "record.jsonl"
        self.record.write_text("")
        self.process = subprocess.Popen(
            [
                *through, sys.executable, str(HERE / "cloud.py"), "--listen", f"{address}:{port}",
                "--record", str(self.record), *more,
            ],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 20
        while not self.events("listening"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the provider outside does not start")
            time.sleep(0.02)
        self.port = self.events("listening")[0]["port"]

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://{self.address}:{self.port}"

    def events(self, kind=None):
        events = [json.loads(line) for line in self.record.read_text().splitlines() if line.endswith("}")]
        return [event for event in events if kind is None or event["event"] == kind]

    @property
    def connections(self):
        return len(self.events("connection"))

    @property
    def requests(self):
        return self.events("request")

    def close(self):
        self.process.terminate()
        self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
