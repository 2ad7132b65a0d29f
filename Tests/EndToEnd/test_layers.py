"""The layers that the system adds: the units are right and narrow, and the nftables rules really drop."""
import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SYSTEMD, NFTABLES = DEPLOY / "systemd", DEPLOY / "nftables"
INSIDE, OUTSIDE, PORT = "10.99.0.2", "192.0.32.5", 11434
DAEMON, OTHER = 64001, 64002  # Users that need no account.


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **more)


def needs(program):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")


@pytest.fixture
def root(tmp_path):
    """A system as the units find it: systemd's own, ours, and the programs they start."""
    needs("systemd-analyze")
    units = tmp_path / "usr/lib/systemd/system"
    shutil.copytree("/usr/lib/systemd/system", units, symlinks=True, ignore_dangling_symlinks=True)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/systemd").symlink_to("../usr/lib/systemd")
    for program in ("usr/bin/gatehouse", "usr/bin/ollama", "usr/sbin/nft"):
        (tmp_path / program).parent.mkdir(exist_ok=True)
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    for unit in SYSTEMD.glob("gatehouse*"):
        shutil.copy(unit, units)
    return tmp_path


def verified(root, *units):
    return run("systemd-analyze", "verify", "--man=no", f"--root={root}", *units)


def test_systemd_has_nothing_to_say_of_the_units(root):
    done = verified(root, "gatehouse.service", "gatehouse.socket", "gatehouse-nftables.service")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(
    "unit, source", [("gatehouse", SYSTEMD / "narrow.conf"), ("ollama", SYSTEMD / "ollama.service.d/gatehouse.conf")]
)
def test_systemd_has_nothing_to_say_of_the_drop_ins(root, unit, source):
    (root / "usr/lib/systemd/system/ollama.service").write_text("[Service]\nExecStart=/usr/bin/ollama serve\n")
    drop_in = root / f"etc/systemd/system/{unit}.service.d/example.conf"
    drop_in.parent.mkdir(parents=True)
    shutil.copy(source, drop_in)
    done = verified(root, f"{unit}.service")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert "IPAddressDeny=any" in (SYSTEMD / "gatehouse.service").read_text() + source.read_text()


def test_systemd_counts_little_exposure():
    needs("systemd-analyze")
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", str(SYSTEMD / "gatehouse.service"))
    exposure = re.search(r"exposure level for gatehouse.service: ([0-9.]+)", done.stdout)
    assert exposure and float(exposure[1]) <= 1.3, done.stdout + done.stderr


def test_systemd_waits_longer_than_a_drain_takes():
    """`drain.delay` and `drain.timeout` where nothing is configured: 10 s and 120 s."""
    stop = re.search(r"^TimeoutStopSec=(\d+)$", (SYSTEMD / "gatehouse.service").read_text(), re.MULTILINE)
    assert int(stop[1]) > 10 + 120


def test_the_socket_and_the_service_allow_the_same_networks():
    """A socket that is handed over follows the lists of its own unit."""
    lists = [re.findall(r"^IPAddress.*$", (SYSTEMD / unit).read_text(), re.MULTILINE) for unit in ("gatehouse.service", "gatehouse.socket")]
    assert lists[0] == lists[1] and len(lists[0]) == 2


# MARK: nftables, in a network of their own


def rules(name):
    """The file with numbers for the users, who have no accounts here."""
    text = (NFTABLES / f"{name}.nft").read_text()
    assert '"gatehouse"' in text
    return text.replace('"gatehouse"', str(DAEMON)).replace('"root"', "0")


# Connects as a user; tells how that ended. Python's own files may be closed to that user: all of them are read before.
CONNECT = """
import encodings.idna, os, socket, sys
os.setgid(int(sys.argv[1])), os.setuid(int(sys.argv[1]))
try:
    socket.create_connection((sys.argv[2], int(sys.argv[3])), timeout=1).close()
    print("connected")
except OSError as error:
    print(type(error).__name__)
"""


class Networks:
    """Two hosts: ours, and one that listens at an address of the intranet and at one outside, and counts what comes."""

    def __init__(self, stack):
        self.ours, self.theirs = (f"gatehouse-{os.getpid()}-{side}" for side in ("ours", "theirs"))
        for name in (self.ours, self.theirs):
            if run("ip", "netns", "add", name).returncode != 0:
                pytest.skip("no network namespace can be made here")
            stack.callback(run, "ip", "netns", "delete", name)
        self.ip("-n", self.ours, "link", "add", "out0", "type", "veth", "peer", "name", "in0", "netns", self.theirs)
        for name, device, addresses in (
            (self.ours, "out0", ["10.99.0.1/24"]),
            (self.theirs, "in0", [f"{INSIDE}/24", f"{OUTSIDE}/32"]),
        ):
            for address in addresses:
                self.ip("-n", name, "address", "add", address, "dev", device)
            for link in ("lo", device):
                self.ip("-n", name, "link", "set", link, "up")
        self.ip("-n", self.ours, "route", "add", "default", "via", INSIDE)
        chain = "type filter hook input priority 0; policy accept;"
        self.nft(self.theirs, f"table inet canary {{ chain input {{ {chain} ip daddr {OUTSIDE} counter\n }}\n }}\n")

    def ip(self, *words):
        done = run("ip", *words)
        assert done.returncode == 0, done.stderr

    def nft(self, where, text):
        done = run("ip", "netns", "exec", where, "nft", "-f", "-", input=text)
        assert done.returncode == 0, done.stderr

    def listen(self, where, stack):
        """Opens a port in one of the networks: a socket stays in that in which it was made."""
        program = "import socket, sys; s = socket.create_server(('0.0.0.0', %d)); print('ready', flush=True); sys.stdin.read()"
        server = subprocess.Popen(
            ["ip", "netns", "exec", where, sys.executable, "-c", program % PORT], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        stack.callback(server.wait)
        stack.callback(server.stdin.close)
        assert server.stdout.readline() == b"ready\n"

    def connect(self, user, address):
        done = run("ip", "netns", "exec", self.ours, sys.executable, "-c", CONNECT, str(user), address, str(PORT))
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def packets(self, where, pattern):
        listing = run("ip", "netns", "exec", where, "nft", "list", "ruleset").stdout
        return int(re.search(pattern, listing)[1])

    def canary(self):
        return self.packets(self.theirs, rf"{OUTSIDE} counter packets (\d+)")


@pytest.fixture
def networks():
    needs("nft")
    if os.geteuid() != 0:
        pytest.skip("making networks and loading rules needs root")
    with contextlib.ExitStack() as stack:
        networks = Networks(stack)
        networks.stack = stack
        yield networks


@pytest.mark.root
def test_the_rules_alone_keep_the_daemons_user_inside(networks):
    networks.listen(networks.theirs, networks.stack)
    networks.nft(networks.ours, rules("gatehouse"))
    assert networks.connect(DAEMON, INSIDE) == "connected"
    assert networks.connect(DAEMON, OUTSIDE) == "TimeoutError"
    assert networks.canary() == 0, "not even the first packet has come"
    assert networks.packets(networks.ours, r"counter dropped {\s+packets (\d+)") > 0
    assert networks.connect(OTHER, OUTSIDE) == "connected", "others are not concerned"
    assert networks.canary() > 0, "the canary counts"


@pytest.mark.root
def test_the_rules_let_out_what_the_operator_adds_and_only_its_https(networks):
    networks.listen(networks.theirs, networks.stack)
    opened = "set outside4 {\n\t\ttype ipv4_addr\n\t\tflags interval\n"
    text = rules("gatehouse")
    assert opened in text
    networks.nft(networks.ours, text.replace(opened, f"{opened}elements = {{ {OUTSIDE}/32 }}\n"))
    assert networks.connect(DAEMON, OUTSIDE) == "TimeoutError", "the port is not that of HTTPS"
    networks.nft(networks.ours, text.replace(opened, f"{opened}elements = {{ {OUTSIDE}/32 }}\n").replace("443", str(PORT)))
    assert networks.connect(DAEMON, OUTSIDE) == "connected", "loading again has replaced the rules"


@pytest.mark.root
def test_ollama_has_one_client_beside_root(networks):
    networks.listen(networks.ours, networks.stack)
    networks.nft(networks.ours, rules("ollama"))
    assert networks.connect(DAEMON, "127.0.0.1") == "connected"
    assert networks.connect(0, "127.0.0.1") == "connected"
    assert networks.connect(OTHER, "127.0.0.1") == "ConnectionRefusedError"
