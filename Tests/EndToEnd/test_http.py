"""The wire, spoken by hand: what the HTTP server takes, what it refuses, and that nothing is smuggled through it."""
import json
import socket
import time

import pytest

from harness import Gatehouse, RawUpstream, message

BODY = json.dumps({"model": "tiny", "messages": [{"role": "user", "content": "x"}]}).encode()
WHOLE = json.dumps(
    {"model": "tiny", "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}
)


@pytest.fixture(scope="module")
def upstream():
    with RawUpstream(lambda connection, head, body: connection.sendall(message(WHOLE))) as server:
        yield server


@pytest.fixture(scope="module")
def server(upstream):
    with Gatehouse({"gpu1": upstream.port}) as gatehouse:
        yield gatehouse


def exchange(port, data, wait=5):
    """Everything that comes back until the server closes or `wait` passes."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        connection.sendall(data)
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except (TimeoutError, ConnectionResetError):
            pass
        return received


def post(headers=b"", body=BODY, length=None):
    length = len(body) if length is None else length
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n" + headers + b"Content-Length: %d\r\n\r\n" % length + body
    )


CLOSE = b"Connection: close\r\n"


def test_a_request(server):
    answer = exchange(server.port, post(CLOSE))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.count(b"HTTP/1.1") == 1


def test_a_body_in_chunks(server, upstream):
    half = len(BODY) // 2
    chunks = b"%x\r\n%s\r\n%x;name=value\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (half, BODY[:half], len(BODY) - half, BODY[half:])
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert exchange(server.port, head + chunks).startswith(b"HTTP/1.1 200")
    sent = json.loads(upstream.requests[-1][1])
    assert sent["messages"] == json.loads(BODY)["messages"]


def test_pipelined_requests_are_answered_in_order(server):
    answer = exchange(server.port, b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" + post() + b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200") == 3
    assert answer.index(b"ok\n") < answer.index(b'"choices"') < answer.index(b"gatehouse=ready")


def test_expect_continue(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(post(CLOSE + b"Expect: 100-continue\r\n", b"", len(BODY)))
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(BODY)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    assert exchange(server.port, post(CLOSE + b"Expect: something\r\n")).startswith(b"HTTP/1.1 417")


def test_head_and_http_1_0(server):
    answer = exchange(server.port, b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert b"Content-Length: 17\r\n" in answer and answer.endswith(b"\r\n\r\n")
    answer = exchange(server.port, b"GET /livez HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"ok\n")
    head = b"POST /api/chat HTTP/1.0\r\nContent-Length: %d\r\nHost: localhost\r\n\r\n" % len(BODY)
    assert b"Transfer-Encoding" not in exchange(server.port, head + BODY)


def test_one_byte_at_a_time(server):
    data = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for index in range(len(data)):
            connection.sendall(data[index : index + 1])
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")


# Each hides a second request from a lenient reader. (head and body, allowed statuses)
SMUGGLING = [
    (b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    (b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", {400}),
    (b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", {400}),
    (b"Content-Length: 4, 4\r\n\r\nabcd", {400}),
    (b"Content-Length: +4\r\n\r\nabcd", {400}),
    (b"Content-Length: -1\r\n\r\n", {400}),
    (b"Content-Length: 0x4\r\n\r\nabcd", {400}),
    (b"Content-Length: \r\n\r\n", {400}),
    (b"Content-Length: 99999999999999999999\r\n\r\n", {400, 413}),
    (b"Content-Length : 4\r\n\r\nabcd", {400}),
    (b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", {400}),
    (b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    (b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", {400, 501}),
    (b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    (b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    (b"Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n", {400}),
    (b"Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n", {400}),
    (b"Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n", {400}),
    (b"Transfer-Encoding: chunked\r\n\r\n3;a\nb\r\nabc\r\n0\r\n\r\n", {400}),
    (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n0\r\n\r\n", {400}),
    (b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", {400, 413}),
    (b"X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    (b"X: a\r\n Transfer-Encoding: chunked\r\n\r\n", {400}),
    (b"X: a\rb\r\n\r\n", {400}),
    (b"X: a\x00b\r\n\r\n", {400}),
    (b": empty\r\n\r\n", {400}),
    (b"no colon\r\n\r\n", {400}),
    (b"Host: other\r\n\r\n", {400}),
]


@pytest.mark.parametrize("rest,statuses", SMUGGLING)
def test_nothing_is_smuggled(rest, statuses, server, upstream):
    before = len(upstream.requests)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
    answer = exchange(server.port, head + rest, wait=3)
    assert answer.count(b"HTTP/1.1 ") == 1, "one answer and the end of the connection"
    assert int(answer.split(b" ")[1]) in statuses, answer[:200]
    assert b'"code"' in answer, "refusals have a JSON body"
    assert len(upstream.requests) == before


@pytest.mark.parametrize(
    "line,statuses",
    [
        (b"GET  /livez HTTP/1.1", {400}),
        (b"GET /livez  HTTP/1.1", {400}),
        (b"GET\t/livez HTTP/1.1", {400}),
        (b"GET /livez", {400}),
        (b"GET /livez HTTP/1.2", {400, 505}),
        (b"GET /livez HTTP/2.0", {400, 505}),
        (b"GET /livez HTTP/0.9", {400, 505}),
        (b"GET /livez http/1.1", {400, 505}),
        (b"GET /liv\x00ez HTTP/1.1", {400}),
        (b"GET /liv\x80ez HTTP/1.1", {400}),
        (b"GET livez HTTP/1.1", {400}),
        (b"CONNECT 127.0.0.1:443 HTTP/1.1", {400, 405, 501}),
        (b"GET http://other/livez HTTP/1.1", {400}),
        (b"GET ftp://localhost/livez HTTP/1.1", {400}),
        (b"G@T /livez HTTP/1.1", {400, 501}),
        (b" GET /livez HTTP/1.1", {400}),
    ],
)
def test_request_lines_that_are_none(line, statuses, server):
    answer = exchange(server.port, line + b"\r\nHost: localhost\r\n\r\n", wait=3)
    assert answer.count(b"\r\nDate: ") == 1 and int(answer.split(b" ")[1]) in statuses, (line, answer[:100])


@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: a\r\n", b"Host: a b\r\n", b"Host: user@a\r\n", b"Host: a/b\r\n"])
def test_exactly_one_valid_host(hosts, server):
    answer = exchange(server.port, b"GET /livez HTTP/1.1\r\n" + hosts + b"\r\n", wait=3)
    assert answer.startswith(b"HTTP/1.1 400")


def test_one_leading_line_end_is_forgiven(server):
    assert exchange(server.port, b"\r\nGET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_bounds(server):
    long = exchange(server.port, b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n")
    assert long.startswith(b"HTTP/1.1 431") and b"head_too_large" in long
    many = exchange(server.port, b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 300 + b"\r\n")
    assert many.startswith(b"HTTP/1.1 431")
    big = exchange(server.port, post(length=33 << 20, body=b""))
    assert big.startswith(b"HTTP/1.1 413") and b"body_too_large" in big


@pytest.mark.slow
def test_silence_inside_a_request_ends_it(server):
    """Head idle is 10 s; a sender that trickles does not stretch it for ever."""
    begun = time.monotonic()
    answer = exchange(server.port, b"GET /livez HTTP/1.1\r\nHost:", wait=25)
    assert (answer == b"" or answer.startswith(b"HTTP/1.1 408")) and 8 < time.monotonic() - begun < 20


def test_an_upgrade_is_ignored(server):
    answer = exchange(
        server.port,
        b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    )
    assert answer.startswith(b"HTTP/1.1 200")


def test_garbage_closes_the_connection(server):
    for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x00" * 100, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        answer = exchange(server.port, data + b"\r\n\r\n", wait=3)
        assert answer == b"" or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 505")), answer[:80]
