"""Whether a node notices the filter of the kernel that stands behind its own door, in a network namespace of its own."""
import contextlib
import os
import subprocess

import pytest
from harness import Gatehouse, Simulated, free_port, until


class Filtered:
    """A namespace with a way out over a cable that ends nowhere, and a filter that may be put in that way."""

    RESERVED = {"-4": "192.0.2.0/24", "-6": "2001:db8::/32"}

    def __init__(self):
        self.name = f"layer{os.getpid()}"
        self.ip("netns", "add", self.name)
        for words in [
            ["link", "set", "lo", "up"],
            ["link", "add", "way", "type", "veth", "peer", "name", "far"],
            ["link", "set", "far", "up"],
            ["link", "set", "way", "up"],
            ["addr", "add", "10.99.0.1/24", "dev", "way"],
            ["route", "add", "default", "dev", "way"],
            ["-6", "addr", "add", "fd99::1/64", "dev", "way", "nodad"],
            ["-6", "route", "add", "default", "dev", "way"],
        ]:
            self.ip("-n", self.name, *words)

    @staticmethod
    def ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True)

    @property
    def through(self):
        return ["ip", "netns", "exec", self.name]

    def prohibit(self, *families):
        """The routing table's own filter, which every kernel has."""
        for family in families:
            self.ip("-n", self.name, family, "route", "add", "prohibit", self.RESERVED[family])

    def close(self):
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)


@pytest.fixture
def namespace():
    try:
        made = Filtered()
    except (OSError, subprocess.CalledProcessError) as problem:
        pytest.skip(f"network namespaces need root and iproute2: {problem}")
    with contextlib.closing(made):
        yield made


def run(namespace, **settings):
    """A node in the namespace; its backend is never reached, and need not be."""
    return Gatehouse({"gpu1": free_port()}, through=namespace.through, wait=False, **settings)


def metric(namespace, node):
    done = subprocess.run(
        [*namespace.through, "curl", "-s", f"http://127.0.0.1:{node.operations}/metrics"], capture_output=True, text=True
    )
    return next((line for line in done.stdout.splitlines() if line.startswith("gatehouse_kernel_layer_holding ")), "")


def test_without_a_filter_it_says_so_and_serves(namespace):
    with run(namespace) as node:
        until(lambda: metric(namespace, node), what="metrics")
        assert metric(namespace, node).endswith(" 0")
        assert "no filter of the kernel stands behind the door" in node.output and '"ipv4":"open"' in node.output


def test_a_filter_is_noticed_and_its_end_at_a_reload(namespace):
    namespace.prohibit("-4", "-6")
    with run(namespace, require_kernel_layer=True) as node:
        until(lambda: metric(namespace, node), what="metrics")
        assert metric(namespace, node).endswith(" 1")
        assert "the kernel keeps this process from addresses that are not allowed" in node.output
        namespace.ip("-n", namespace.name, "-4", "route", "del", "prohibit", namespace.RESERVED["-4"])
        node.command("reload")
        assert metric(namespace, node).endswith(" 0")
        checks = node.command("health", "--json", check=False).stdout
        assert "the filter that held at the start is gone" in checks


@pytest.mark.parametrize("families, found", [([], "IPv4 open, IPv6 open"), (["-4"], "IPv4 holds, IPv6 open")])
def test_a_layer_that_is_demanded_and_not_there_ends_the_start(namespace, families, found):
    namespace.prohibit(*families)
    with run(namespace, require_kernel_layer=True) as node:
        assert node.wait(20) == 1
        assert f"no filter of the kernel keeps this process inside ({found})" in node.output
