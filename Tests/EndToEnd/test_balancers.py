"""Real load balancers with the files of `deploy/examples`, before two nodes."""
import contextlib
import http.client
import json
import os
import signal
import subprocess
import time

import pytest

from balance import DATA, EXAMPLES, FRONT, MODEL, Envoy, Farm, HAProxy, Load, Nginx, program
from harness import post, request, until

KINDS = {
    kind: pytest.param(kind, marks=pytest.mark.skipif(not program(name), reason=f"{name} is not installed"))
    for kind, name in ((HAProxy, "haproxy"), (Nginx, "nginx"), (Envoy, "envoy"))
}


@pytest.fixture(scope="module")
def farm():
    # Long enough for a balancer that asks every two seconds; the examples' own 10 s are played by deploy/rolling.
    with Farm(tokens=100, slots=16, drain={"delay": "4s", "timeout": "60s"}, health={"interval": "500ms"}) as farm:
        yield farm


@pytest.fixture(scope="module")
def balancers(farm):
    """One of each that is installed, before the same nodes."""
    with contextlib.ExitStack() as stack:
        yield {kind: stack.enter_context(kind(farm)) for kind, given in KINDS.items() if not given.marks[0].args[0]}


def ask(farm, address, text="say: x", path="/v1/chat/completions", port=FRONT, **more):
    body = {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}
    return post(port, path, body, host=address, headers={"Authorization": f"Bearer {farm.key}"})


class Holder:
    """A stream that is held open at one node, so that a slot is taken."""

    def __init__(self, farm, node):
        self.connection = http.client.HTTPConnection(node.address, DATA, timeout=60)
        body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "count to 4000"}]}
        self.connection.request(
            "POST", "/v1/chat/completions", json.dumps(body), {"Authorization": f"Bearer {farm.key}"}
        )
        self.answer = self.connection.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.connection.close()


@pytest.mark.timing
@pytest.mark.parametrize("kind", KINDS.values())
def test_a_stream_is_passed_on_piece_by_piece(farm, balancers, kind):
    connection = http.client.HTTPConnection(balancers[kind].address, FRONT, timeout=30)
    with contextlib.closing(connection):
        body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "count to 40"}]}
        connection.request(
            "POST", "/v1/chat/completions", json.dumps(body), {"Authorization": f"Bearer {farm.key}"}
        )
        answer, times = connection.getresponse(), []
        assert answer.status == 200
        while line := answer.readline():
            if b'"content"' in line:
                times.append(time.monotonic())
        # 40 tokens at 100 a second take 0.4 s; gathered they would come at once.
        assert len(times) >= 40
        assert times[-1] - times[0] > 0.2
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        assert sum(gap > 0.004 for gap in gaps) > len(gaps) / 2, gaps


@pytest.mark.parametrize("kind", KINDS.values())
def test_a_long_request_passes_whole(farm, balancers, kind):
    answer = ask(farm, balancers[kind].address, "say: x" + " long" * 400_000)
    # It is longer than the model's context: the backend says so, which has read it.
    assert answer.headers["x-gatehouse-reason"] == "upstream_refused", answer.body


@pytest.mark.parametrize("kind", KINDS.values())
def test_what_is_refused_takes_no_node_out(farm, balancers, kind):
    balancer = balancers[kind]
    for _ in range(15):
        assert ask(farm, balancer.address, path="/api/pull").status == 403
        assert ask(farm, balancer.address, model="x:cloud").status == 403
        assert request(FRONT, "POST", "/v1/chat/completions", "{}", host=balancer.address).status == 401
    assert balancer.has_both()
    routes = {ask(farm, balancer.address).headers["x-gatehouse-route"] for _ in range(10)}
    assert routes == {"local:gpu1", "local:gpu2"}


@pytest.mark.skipif(not program("haproxy"), reason="haproxy is not installed")
def test_haproxy_follows_the_weight_of_a_node(farm, balancers):
    balancer = balancers[HAProxy]
    # A busy machine takes a little off the weight of a node that does nothing.
    until(lambda: int(balancer.server(1)["weight"]) >= 90, what="the weight of an idle node")
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(Holder(farm, farm.nodes[0]))
        until(lambda: int(balancer.server(1)["weight"]) <= 60, what="a smaller weight")
        assert 0 < int(farm.nodes[0].get("/weight").body) <= 60
        assert int(balancer.server(2)["weight"]) >= 90
        # 16 slots and the 64 requests that may wait.
        assert balancer.server(1)["slim"] == "80"


@pytest.mark.timing
def test_a_node_is_restarted_behind_each_of_them_and_no_request_fails(farm, balancers):
    with contextlib.ExitStack() as stack:
        loads = [stack.enter_context(Load(balancer.address, farm.key, 15)) for balancer in balancers.values()]
        until(lambda: all(len(load.answered) == 2 for load in loads), what="answers of both nodes by every balancer")
        node = farm.nodes[0]
        node.signal(signal.SIGTERM)
        asking = [balancer for kind, balancer in balancers.items() if kind is not Nginx]
        until(lambda: not any(balancer.takes(1) for balancer in asking), 3.5, what="the node out of the rotation")
        assert node.alive(), "the balancers knew only when the node was gone"
        assert node.wait(60) == 0, node.output[-4000:]
        node.start()
        node.ready()
        until(lambda: all(balancer.has_both() for balancer in asking), what="the node in the rotation again")
        counts = [load.answered["local:gpu1"] for load in loads]
        until(
            lambda: all(load.answered["local:gpu1"] > count for load, count in zip(loads, counts)),
            what="its answers by every balancer",
        )
    for kind, load in zip(balancers, loads):
        assert not load.failures, f"{kind.__name__}: {load.failures[:10]}"
        assert sum(load.answered.values()) > 50


def test_a_sick_node_is_taken_out(farm, balancers):
    """The last story: the Ollama of the first node is gone for good."""
    farm.ollamas[0].stop()
    node = farm.nodes[0]
    until(lambda: node.get("/readyz").status == 503, what="a node that is not ready")
    asking = [balancer for kind, balancer in balancers.items() if kind is not Nginx]
    until(lambda: not any(balancer.takes(1) for balancer in asking), what="the node out of the rotation")
    for balancer in balancers.values():
        for stream in (True, False) * 5:
            answer = ask(farm, balancer.address, stream=stream)
            told = (type(balancer), answer.status, answer.headers["x-gatehouse-route"])
            assert told == (type(balancer), 200, "local:gpu2")
    if HAProxy in balancers:
        assert balancers[HAProxy].server(1)["status"].startswith("DOWN")


@pytest.mark.skipif(not program("keepalived"), reason="keepalived is not installed")
def test_keepalived_takes_its_example(tmp_path):
    text = (EXAMPLES / "keepalived.conf").read_text()
    assert text.count("/usr/bin/gatehouse") == 2
    # keepalived looks whether script and interface are there.
    interface = next((name for name in os.listdir("/sys/class/net") if name != "lo"), None)
    if not interface:
        pytest.skip("this host has no network interface but loopback")
    text = text.replace("/usr/bin/gatehouse", "/bin/true").replace("interface eth0", f"interface {interface}")
    path = tmp_path / "keepalived.conf"
    path.write_text(text)
    done = subprocess.run([program("keepalived"), "-t", "-f", path], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    path.write_text(text.replace("misc_dynamic", "misc_dynamo"))
    assert subprocess.run([program("keepalived"), "-t", "-f", path], capture_output=True, timeout=30).returncode != 0


def test_keepalived_is_told_readiness_and_weight(farm):
    second = farm.nodes[1]
    assert second.command("health", "--keepalived", check=False).returncode == 102
    assert second.command("health", check=False).returncode == 0
