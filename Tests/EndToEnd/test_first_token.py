"""The first token of a stream: loading is told apart from hanging, and a backend that has lost its slots from one that
is slow."""
import contextlib
import json
import re
import socket
import time

import pytest

from harness import Gatehouse, Simulated, get, post, request, until

MODEL = "llama3.2:3b"


def chat(port, text="say: x", stream=True, model=MODEL, **more):
    body = {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}
    return post(port, "/v1/chat/completions", body, **more)


def limits(warm="1s", cold="20s", **more):
    first = {"warm": warm, "cold": cold, "per_thousand_tokens": "0s"}
    return {"limits": {"first_token": first, **more}, "health": {"interval": "200ms", "fall": 20}}


def status(gate, name):
    report = json.loads(gate.command("status", "--json").stdout)
    return next(b for b in report["backends"] if b["name"] == name)


def metric(gate, name, **labels):
    wanted = ",".join(f'{key}="{value}"' for key, value in labels.items())
    found = re.search(rf"^{name}{{{re.escape(wanted)}}} (\d+)$", get(gate.operations, "/metrics").body.decode(), re.M)
    return int(found[1]) if found else None


def warm_up(server, gate, name="gpu1"):
    """The model is in memory, and the gate has seen it there."""
    assert chat(server.port).status == 200
    until(lambda: status(gate, name)["loaded"], what=f"the model in the memory of {name}")


def faults(server, *names):
    body = {"faults": list(names)}
    assert request(server.port, "POST", "/__simulated/faults", body=body).status == 200
    until(lambda: server.state["faults"] == list(names), what="the faults")


def unloads(server):
    return [body for body in server.bodies if body.get("keep_alive") == 0]


def whole(answer):
    return answer.status == 200 and b"[DONE]" in answer.body and b"error" not in answer.body


def test_a_slow_load_is_waited_for():
    """It takes three times as long as a token from memory may."""
    with Simulated("--load-seconds", "3") as server, Gatehouse({"gpu1": server.port}, **limits()) as gate:
        begun = time.monotonic()
        assert whole(chat(gate.port)) and time.monotonic() - begun >= 3
        assert metric(gate, "gatehouse_attempts_failed_total", backend="gpu1", reason="upstream_first_byte_timeout") is None


def test_a_load_that_takes_too_long_is_given_up():
    with Simulated("--load-seconds", "30") as server:
        with Gatehouse({"gpu1": server.port}, **limits(cold="2s")) as gate:
            begun = time.monotonic()
            answer = chat(gate.port)
            assert answer.status == 504 and 2 <= time.monotonic() - begun < 6
            assert answer.json["error"]["code"] == "upstream_first_byte_timeout"
            assert "sent no token within 2 s: the model is not loaded yet" in answer.json["error"]["message"]
            assert metric(gate, "gatehouse_slots_lost", backend="gpu1", model=MODEL) == 0


@pytest.mark.timing
def test_once_loaded_the_first_token_is_due_soon():
    """It loads for a second and then says nothing: what it may take for loading does not matter any more."""
    with Simulated("--load-seconds", "1", "--fault", "stall-after=0@inference") as server:
        with Gatehouse({"gpu1": server.port}, **limits(warm="1s", cold="30s")) as gate:
            begun = time.monotonic()
            answer = chat(gate.port)
            assert answer.status == 504 and 2 <= time.monotonic() - begun < 8
            assert "though the model is loaded" in answer.json["error"]["message"]


def test_another_answers_unseen_for_one_that_hangs_and_its_breaker_learns():
    with contextlib.ExitStack() as stack:
        first, second = stack.enter_context(Simulated()), stack.enter_context(Simulated())
        settings = {**limits(), "breaker": {"failures": 2, "open_for": "60s"}}
        gate = stack.enter_context(Gatehouse({"gpu1": first.port, "gpu2": second.port}, **settings))
        # Only the first has it in memory, so that it is asked first.
        warm_up(first, gate)
        faults(first, "stall-after=0@inference")
        for _ in range(2):
            answer = chat(gate.port, headers={"x-gatehouse-verbose": "1"})
            assert whole(answer) and answer.body.count(b'"role"') == 1, answer.body
            assert answer.headers["x-gatehouse-route"] == "local:gpu2" and answer.headers["x-gatehouse-attempts"] == "2"
        until(lambda: first.counters["clientsGone"] == 2, what="nobody who waits there any more")
        assert metric(gate, "gatehouse_attempts_failed_total", backend="gpu1", reason="upstream_first_byte_timeout") == 2
        (told,) = status(gate, "gpu1")["breakers"]
        assert (told["state"], told["model"]) == ("open", MODEL)
        begun = time.monotonic()
        assert whole(chat(gate.port)) and time.monotonic() - begun < 1, "it is not asked any more"


def test_an_answer_in_one_piece_has_no_first_token():
    """It comes when all of it is there, three times as late as a first token may."""
    with Simulated("--tokens-per-second", "20") as server, Gatehouse({"gpu1": server.port}, **limits()) as gate:
        warm_up(server, gate)
        begun = time.monotonic()
        answer = chat(gate.port, "60 tokens", stream=False)
        assert answer.status == 200 and time.monotonic() - begun >= 3
        assert answer.json["choices"][0]["finish_reason"]


def leave(server):
    """Asks for a stream at the server itself, and leaves in the middle of it."""
    body = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "count to 500"}], "stream": True})
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        seen = b""
        while b"content" not in seen:
            part = client.recv(4096)
            assert part, seen
            seen += part
    until(lambda: server.counters["clientsGone"] >= 1, what="the client that has left")


@contextlib.contextmanager
def lost_slots(**backend):
    """A node before an Ollama that has lost the slots of a model which is in its memory, and answers with another."""
    with Simulated("--fault", "lose-slots", "--tokens-per-second", "50") as server:
        given = {"url": f"http://127.0.0.1:{server.port}", **backend}
        with Gatehouse({"gpu1": given}, breaker={"failures": 20}, **limits()) as gate:
            warm_up(server, gate)
            leave(server)
            faults(server)
            yield server, gate


def lost(gate):
    return metric(gate, "gatehouse_slots_lost", backend="gpu1", model=MODEL)


def test_lost_slots_are_told_and_left_to_the_operator():
    with lost_slots() as (server, gate):
        assert chat(gate.port).status == 504
        assert lost(gate) == 0, "one may be a prompt that is harder than it is long"
        assert chat(gate.port).status == 504
        assert lost(gate) == 1
        until(lambda: f"slots lost for {MODEL}" in gate.output, what="the warning in the log")
        assert f"ollama stop {MODEL}" in gate.output
        assert f"gpu1 has lost its slots for {MODEL}" in gate.command("status", "--once").stdout
        assert whole(chat(gate.port, model="qwen3:8b")), "other models are well"
        assert chat(gate.port).status == 504 and unloads(server) == [], "nothing was done to it"
        assert gate.output.count("slots lost") == 1, "it is told once"
        # The operator does it, and the next answer is the sign that all is well.
        assert post(server.port, "/api/generate", {"model": MODEL, "keep_alive": 0}).status == 200
        until(lambda: MODEL not in server.state["loaded"], what="the unloaded model")
        assert whole(chat(gate.port))
        assert lost(gate) == 0 and "lost its slots" not in gate.command("status", "--once").stdout


def test_lost_slots_are_healed_where_that_is_allowed():
    with lost_slots(heal_lost_slots=True) as (server, gate):
        for _ in range(2):
            assert chat(gate.port).status == 504
        until(lambda: unloads(server), what="the request to unload the model")
        until(lambda: f"{MODEL} was unloaded" in gate.output, what="its answer")
        # The server unloads it when it has seen that those who waited have gone.
        until(lambda: MODEL not in server.state["loaded"], what="the unloaded model")
        assert whole(chat(gate.port)), "it is loaded anew, and answers"
        assert lost(gate) == 0
        (unload,) = unloads(server)
        assert unload["model"] in (MODEL, f"{MODEL}:local") and not unload.get("messages") and not unload.get("prompt")
