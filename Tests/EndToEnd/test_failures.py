"""What happens when a backend or a client misbehaves; raw sockets play the backend, so that our parser is not only
tested by itself."""
import json
import socket
import threading
import time

import pytest

from harness import (
    NDJSON_HEAD,
    STREAM_HEAD,
    Gatehouse,
    RawUpstream,
    Simulated,
    chunk,
    free_port,
    get,
    message,
    post,
    request,
    rss,
    until,
)

WHOLE = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "tiny",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
)


def event(content=None, finish=None, role=None):
    delta = {k: v for k, v in (("role", role), ("content", content)) if v is not None}
    value = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "tiny",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(value)}\n\n"


def chat(port, stream=False, path="/v1/chat/completions", model="tiny", **more):
    body = {"model": model, "messages": [{"role": "user", "content": "x"}], "stream": stream}
    return post(port, path, body, **more)


def test_a_stream_without_its_terminal_event_is_no_success():
    def script(connection, head, body):
        connection.sendall(STREAM_HEAD + chunk(event("one")) + chunk(event("two")) + b"0\r\n\r\n")

    with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as server:
        answer = chat(server.port, stream=True)
        text = answer.body.decode()
        assert "one" in text and "two" in text
        assert "[DONE]" not in text and "upstream_truncated" in text
        last = [line for line in text.splitlines() if line.startswith("data: ")][-1]
        assert json.loads(last[6:])["error"]["code"] == "upstream_truncated"


def test_a_native_stream_that_is_cut_ends_with_an_error_record():
    def script(connection, head, body):
        record = {"model": "tiny", "created_at": "x", "message": {"role": "assistant", "content": "one"}, "done": False}
        connection.sendall(NDJSON_HEAD + chunk(json.dumps(record) + "\n"))
        return "close"  # In mid-body, without the last chunk.

    with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as server:
        answer = chat(server.port, stream=True, path="/api/chat")
        lines = answer.body.decode().splitlines()
        assert json.loads(lines[0])["message"]["content"] == "one" and "error" in json.loads(lines[-1])


def test_the_next_backend_answers_unseen_when_the_first_fails_before_content():
    def broken(connection, head, body):
        connection.sendall(STREAM_HEAD + chunk(event(role="assistant")))
        return "close"

    def good(connection, head, body):
        connection.sendall(STREAM_HEAD + chunk(event(role="assistant")) + chunk(event("fine")) + chunk(event(finish="stop")))
        connection.sendall(chunk("data: [DONE]\n\n") + b"0\r\n\r\n")

    with RawUpstream(broken) as first, RawUpstream(good) as second:
        with Gatehouse({"a": first.port, "b": second.port}) as server:
            for _ in range(3):  # No more retries than the budget has for a quiet node.
                answer = chat(server.port, stream=True)
                text = answer.body.decode()
                assert "fine" in text and "[DONE]" in text and "error" not in text
                assert text.count('"role"') == 1, "nothing of the failed attempt is shown"
            assert first.requests, "the broken one was tried"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_is_tried_once_more_elsewhere(status):
    with RawUpstream(lambda c, h, b: c.sendall(message('{"error":"boom"}', status=status))) as bad:
        with RawUpstream(lambda c, h, b: c.sendall(message(WHOLE))) as good:
            with Gatehouse({"a": bad.port, "b": good.port}) as server:
                for _ in range(3):
                    assert chat(server.port).status == 200
        with Gatehouse({"a": bad.port}) as server:
            answer = chat(server.port)
            assert answer.status == (429 if status == 503 else 502), "a backend's 503 means that it is busy"
            assert "boom" not in answer.body.decode(), "a backend's text can hold host paths"


def test_a_refusal_of_the_backend_reaches_the_client_as_it_is():
    body = '{"error":{"message":"tiny does not support tools","type":"invalid_request_error","param":null,"code":null}}'
    with RawUpstream(lambda c, h, b: c.sendall(message(body, status=400))) as upstream:
        with Gatehouse({"gpu1": upstream.port}) as server:
            answer = chat(server.port)
            assert answer.status == 400 and "does not support tools" in answer.body.decode()
            assert len(upstream.requests) == 1, "a refusal is not tried again"


@pytest.mark.parametrize(
    "garbage",
    [
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nnope!",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 300_000,
        b"",
    ],
)
def test_garbage_from_a_backend_is_an_error_of_ours(garbage):
    def script(connection, head, body):
        connection.sendall(garbage)
        return "close"

    with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as server:
        answer = chat(server.port)
        assert answer.status in (502, 503) and "error" in answer.json
        assert server.alive() and get(server.operations, "/livez").status == 200


def test_garbage_inside_a_stream():
    seen = threading.Event()

    def script(connection, head, body):
        connection.sendall(STREAM_HEAD + chunk(event("one")))
        seen.wait(10)  # The client has the first token, so nobody else can answer unseen.
        connection.sendall(chunk("data: {broken\n\n") + b"0\r\n\r\n")

    with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as server:
        body = b'{"model":"tiny","messages":[{"role":"user","content":"x"}],"stream":true}'
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            text = b""
            while part := client.recv(4096):
                text += part
                if b"one" in text:
                    seen.set()
        assert b"upstream_malformed" in text and b"[DONE]" not in text


def test_a_backend_that_falls_silent_is_given_up():
    def script(connection, head, body):
        connection.sendall(STREAM_HEAD + chunk(event("one")))
        connection.recv(1)  # Until we are closed.
        return "close"

    with RawUpstream(script) as upstream:
        with Gatehouse({"gpu1": upstream.port}, limits={"between_bytes": "1s", "first_byte": "1s"}) as server:
            text = chat(server.port, stream=True).body.decode()
            assert "upstream_stalled" in text
    with RawUpstream(lambda c, h, b: c.recv(1) and None) as mute:
        with Gatehouse({"gpu1": mute.port}, limits={"first_byte": "1s"}) as server:
            answer = chat(server.port)
            assert answer.status == 504 and answer.json["error"]["code"] == "upstream_first_byte_timeout"


def test_nothing_can_answer():
    upstream = RawUpstream()
    with Gatehouse({"gpu1": upstream.port}, health={"interval": "500ms"}) as server:
        upstream.close()
        until(lambda: get(server.operations, "/readyz").status == 503, seconds=40, what="unreadiness")
        answer = chat(server.port)
        assert answer.status == 503 and int(answer.headers["retry-after"]) > 0
        assert answer.json["error"]["code"] == "backends_unavailable" and "gpu1" in answer.json["error"]["message"]


def test_a_client_that_leaves_ends_its_upstream_within_a_second():
    gone = threading.Event()

    def script(connection, head, body):
        connection.sendall(STREAM_HEAD + chunk(event("one")))
        connection.settimeout(20)
        try:
            while connection.recv(1):
                pass
        except OSError:
            pass
        gone.set()
        return "close"

    with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as server:
        body = json.dumps({"model": "tiny", "messages": [{"role": "user", "content": "x"}], "stream": True}).encode()
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        client.settimeout(10)
        seen = b""
        while b"one" not in seen:  # Head and content may come in one packet or in two.
            part = client.recv(65536)
            assert part, seen
            seen += part
        assert not gone.is_set()
        client.close()
        assert gone.wait(1.5)


def test_a_client_that_leaves_while_waiting_for_a_slot_frees_its_place():
    release = threading.Event()

    def script(connection, head, body):
        release.wait(30)
        connection.sendall(message(WHOLE))

    with RawUpstream(script) as upstream:
        with Gatehouse({"gpu1": {"url": f"http://127.0.0.1:{upstream.port}", "slots": 1}}) as server:
            first = threading.Thread(target=chat, args=(server.port,))
            first.start()
            until(lambda: upstream.requests, what="the first request")
            waiting = socket.create_connection(("127.0.0.1", server.port))
            body = b'{"model":"tiny","messages":[{"role":"user","content":"x"}]}'
            waiting.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                % (len(body), body)
            )

            def queued():
                return json.loads(server.command("status", "--json").stdout)["queues"]

            until(queued, what="the queue")
            waiting.close()
            until(lambda: not queued(), what="the empty queue")
            release.set()
            first.join()
            assert len(upstream.requests) == 1


def test_the_queue_is_bounded_and_says_when_to_come_back():
    release = threading.Event()

    def script(connection, head, body):
        release.wait(30)
        connection.sendall(message(WHOLE))

    with RawUpstream(script) as upstream:
        backend = {"url": f"http://127.0.0.1:{upstream.port}", "slots": 1}
        with Gatehouse({"gpu1": backend}, limits={"queue_per_model": 2}) as server:
            threads = [threading.Thread(target=chat, args=(server.port,)) for _ in range(3)]
            for thread in threads:
                thread.start()
            until(
                lambda: sum(q["length"] for q in json.loads(server.command("status", "--json").stdout)["queues"]) == 2,
                what="a full queue",
            )
            answer = chat(server.port)
            assert answer.status == 429 and answer.json["error"]["code"] == "queue_full"
            assert int(answer.headers["retry-after"]) >= 1
            release.set()
            for thread in threads:
                thread.join()


def test_the_callers_own_deadline_counts():
    with RawUpstream(lambda c, h, b: c.recv(1) and None) as mute, Gatehouse({"gpu1": mute.port}) as server:
        begun = time.monotonic()
        answer = chat(server.port, headers={"x-request-timeout": "1"})
        assert answer.status == 504 and answer.json["error"]["code"] == "deadline_exceeded"
        assert time.monotonic() - begun < 5
        wrong = chat(server.port, headers={"x-request-timeout": "soon"})
        assert wrong.status == 400


@pytest.mark.slow
def test_memory_stays_flat_with_a_huge_answer_and_a_slow_client():
    """300 MB come as fast as they can; the client takes them slowly."""
    total = 300 << 20
    filler = event("x" * 60_000).encode()

    def script(connection, head, body):
        connection.sendall(STREAM_HEAD)
        piece = chunk(filler)
        for _ in range(total // len(filler)):
            connection.sendall(piece)
        connection.sendall(chunk(event(finish="stop")) + chunk("data: [DONE]\n\n") + b"0\r\n\r\n")

    with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as server:
        body = b'{"model":"tiny","messages":[{"role":"user","content":"x"}],"stream":true}'
        client = socket.create_connection(("127.0.0.1", server.port))
        client.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        before, most, seen, tail = rss(server.pid), 0, 0, b""
        while b"[DONE]" not in tail:
            part = client.recv(1 << 16)
            assert part
            seen, tail = seen + len(part), (tail + part)[-200:]
            if seen % (8 << 20) < 1 << 16:
                most = max(most, rss(server.pid))
        assert seen > total * 0.99
        assert most - before < 40 << 20, f"grew by {(most - before) >> 20} MiB"


@pytest.mark.slow
def test_a_client_that_takes_nothing_is_cut():
    def script(connection, head, body):
        connection.sendall(STREAM_HEAD)
        piece = chunk(event("x" * 60_000))
        try:
            while True:
                connection.sendall(piece)
        except OSError:
            return "close"

    with RawUpstream(script) as upstream:
        with Gatehouse({"gpu1": upstream.port}, limits={"client_read_idle": "2s"}) as server:
            body = b'{"model":"tiny","messages":[{"role":"user","content":"x"}],"stream":true}'
            client = socket.create_connection(("127.0.0.1", server.port))
            client.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                % (len(body), body)
            )
            until(lambda: "client_too_slow" in server.output, seconds=20, what="the cut in the log")


def test_a_unix_socket_backend(tmp_path):
    import os

    path = str(tmp_path / "ollama.sock")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    upstream = RawUpstream(lambda c, h, b: c.sendall(message(WHOLE)))
    upstream.socket.close()
    upstream.socket = listener
    threading.Thread(target=upstream._accept, daemon=True).start()
    with Gatehouse({"gpu1": f"unix:{path}"}) as server:
        assert chat(server.port).status == 200
    upstream.close()
    os.unlink(path)


def test_an_unreachable_backend_does_not_delay_the_others():
    with RawUpstream(lambda c, h, b: c.sendall(message(WHOLE))) as good:
        with Gatehouse({"dead": free_port(), "good": good.port}) as server:
            for _ in range(5):
                begun = time.monotonic()
                assert chat(server.port).status == 200
                assert time.monotonic() - begun < 2


def test_a_simulated_fault_at_run_time():
    with Simulated() as server, Gatehouse({"gpu1": server.port}) as gate:
        answer = chat(gate.port, model="llama3.2:3b")
        assert answer.status == 200
        request(server.port, "POST", "/__simulated/faults", body={"faults": ["status=503"]})
        # The answer to this goes first, the fault comes 20 ms later. Then it is busy, or known to be unusable.
        until(lambda: chat(gate.port, model="llama3.2:3b").status in (429, 503), what="the fault")
