"""Breakers: a backend whose requests fail is left alone, tried again, and taken back."""
import contextlib
import json
import re
import time

from harness import Gatehouse, RawUpstream, Simulated, get, message, post, until

STATES = {0: "closed", 1: "half_open", 2: "open", 3: "throttled"}


def chat(port, model="llama3.2:3b", **more):
    return post(port, "/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": "say: x"}]}, **more)


def whole(model):
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": model,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "fine"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
    )


def metric(gate, name, **labels):
    wanted = ",".join(f'{key}="{value}"' for key, value in labels.items())
    text = get(gate.operations, "/metrics").body.decode()
    found = re.search(rf"^{name}{{{re.escape(wanted)}}} (\d+)$", text, re.M)
    assert found, f"no {name}{{{wanted}}}"
    return int(found[1])


def state(gate, **labels):
    return STATES[metric(gate, "gatehouse_breaker_state", **labels)]


def status(gate, name):
    report = json.loads(gate.command("status", "--json").stdout)
    return next(b for b in report["backends"] if b["name"] == name)


def tags(*names):
    model = RawUpstream.PROBES["/api/tags"]["models"][0]
    return {"models": [{**model, "name": f"{name}:latest", "model": f"{name}:latest"} for name in names]}


def test_a_backend_that_dies_is_left_alone_and_comes_back():
    # Probes are slow to judge here, so that it is the requests that do.
    settings = {"health": {"interval": "1s", "fall": 20}, "breaker": {"open_for": "6s"}}
    with contextlib.ExitStack() as stack:
        first, second = stack.enter_context(Simulated()), stack.enter_context(Simulated())
        gate = stack.enter_context(Gatehouse({"gpu1": first.port, "gpu2": second.port}, **settings))
        for server in (first, second):  # In memory on both, so that they take turns.
            assert chat(server.port).status == 200
        until(lambda: all(status(gate, name)["loaded"] for name in ("gpu1", "gpu2")), what="the model on both")
        for _ in range(20):
            assert chat(gate.port).status == 200
        assert state(gate, backend="gpu1") == "closed" and status(gate, "gpu1")["breakers"] == []
        first.kill()
        for _ in range(10):
            assert chat(gate.port).status == 200, "the other one answers"
        assert state(gate, backend="gpu1") == "open" and state(gate, backend="gpu2") == "closed"
        assert metric(gate, "gatehouse_attempts_failed_total", backend="gpu1", reason="upstream_connect_failed") == 3
        told = status(gate, "gpu1")["breakers"][0]
        assert told["state"] == "open" and told["why"] == "3 requests in a row could not connect"
        assert 0 < told["seconds"] <= 8
        assert "gpu1: breaker open for" in gate.command("status", "--once").stdout
        answers = [chat(gate.port) for _ in range(20)]
        assert {a.headers["x-gatehouse-route"] for a in answers} == {"local:gpu2"}

        stack.enter_context(Simulated(port=first.port))

        def closed():
            assert chat(gate.port).status == 200
            return state(gate, backend="gpu1") == "closed"

        until(closed, seconds=30, what="a closed breaker")
        until(lambda: chat(gate.port).headers["x-gatehouse-route"] == "local:gpu1", what="an answer of gpu1")
        for change in ["closed -> open", "open -> half_open", "half_open -> closed"]:
            assert f"breaker: {change}" in gate.output
        assert metric(gate, "gatehouse_breaker_changes_total", backend="gpu1", state="closed") == 1


def test_one_model_that_fails_does_not_cost_the_others_their_backend():
    def script(connection, head, body):
        model = json.loads(body)["model"]
        good = model.startswith("tiny")
        connection.sendall(message(whole(model)) if good else message('{"error":"model runner has died"}', status=500))

    with RawUpstream(script, probes={"/api/tags": tags("tiny", "sick")}) as upstream:
        with Gatehouse({"gpu1": upstream.port}, breaker={"failures": 3, "open_for": "60s"}) as gate:
            for _ in range(3):
                assert chat(gate.port, "sick").status == 502
            assert state(gate, backend="gpu1", model="sick:latest") == "open"
            assert state(gate, backend="gpu1", model="tiny:latest") == "closed" == state(gate, backend="gpu1")
            begun, before = time.monotonic(), len(upstream.requests)
            while time.monotonic() - begun < 2.5:
                answer = chat(gate.port, "sick")
                assert answer.status in (502, 503)
                if answer.status == 503:
                    assert answer.json["error"]["code"] == "backends_unavailable"
                    assert "is open" in answer.json["error"]["message"]
                    assert 1 <= int(answer.headers["retry-after"]) <= 2
            assert 1 <= len(upstream.requests) - before <= 3, "nobody else has it: one a second is let through"
            assert chat(gate.port, "tiny").status == 200
            gate.command("reload")
            assert state(gate, backend="gpu1", model="sick:latest") == "open", "a reload forgets nothing"


def test_a_busy_backend_gets_the_pause_it_asks_for():
    asked = []

    def script(connection, head, body):
        asked.append(time.monotonic())
        busy = {1: 2, 3: 200}.get(len(asked))
        if busy:
            return connection.sendall(message('{"error":"busy"}', status=503, extra=f"Retry-After: {busy}\r\n"))
        connection.sendall(message(whole("tiny")))

    with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as gate:
        first = chat(gate.port, "tiny")
        assert first.status == 429 and first.headers["retry-after"] == "2"
        assert state(gate, backend="gpu1", model="tiny:latest") == "throttled"
        assert chat(gate.port, "tiny").status == 200, "it has waited"
        assert asked[1] - asked[0] >= 1.9
        assert state(gate, backend="gpu1", model="tiny:latest") == "closed"
        assert chat(gate.port, "tiny").status == 429
        later = chat(gate.port, "tiny")
        assert later.status == 429 and later.json["error"]["code"] == "upstream_busy"
        assert 195 <= int(later.headers["retry-after"]) <= 200
        assert len(asked) == 3, "a long pause is told at once, and nobody is asked"


def test_a_port_that_answers_closes_nothing():
    """Probes pass all the time; requests hang without a word."""
    with Simulated("--fault", "hang@inference") as server:
        settings = {"limits": {"first_byte": "100ms"}, "health": {"interval": "200ms"}}
        with Gatehouse({"gpu1": server.port}, breaker={"failures": 2, "open_for": "60s"}, **settings) as gate:
            for _ in range(2):
                assert chat(gate.port).status == 504
            assert state(gate, backend="gpu1", model="llama3.2:3b") == "open"

            def probes():
                return sum(request["target"] == "/api/version" for request in server.state["requests"])

            seen = probes()
            until(lambda: probes() >= seen + 5, what="five further rounds of probes")
            assert status(gate, "gpu1")["state"] == "usable"
            assert state(gate, backend="gpu1", model="llama3.2:3b") == "open"


def test_an_operator_holds_a_breaker_open_and_lets_it_go(ollama):
    with Gatehouse({"gpu1": ollama.port}) as server:
        assert chat(server.port).status == 200
        told = server.command("backends", "breaker", "gpu1", "open", "--seconds", "300").stdout
        assert "held open for 300 s" in told
        refused = chat(server.port)
        assert refused.status == 503 and refused.headers["x-gatehouse-reason"] == "backends_unavailable"
        assert "an operator holds it" in server.command("status").stdout
        server.command("backends", "breaker", "gpu1", "auto")
        assert chat(server.port).status == 200
        assert server.command("backends", "breaker", "gpu9", "open", check=False).returncode != 0
        assert server.command("backends", "breaker", "gpu1", "ajar", check=False).returncode != 0
