"""Running it: health endpoints, metrics, reload, drain, kill."""
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import pytest

from harness import (
    BINARY,
    Gatehouse,
    RawUpstream,
    Simulated,
    answers,
    descriptors,
    free_port,
    get,
    message,
    post,
    request,
    rss,
    until,
    yaml,
)

MODEL = "llama3.2:3b"


def chat(port, text="say: hi", **more):
    return post(port, "/v1/chat/completions", {"model": MODEL, "messages": [{"role": "user", "content": text}], **more})


def test_health_endpoints_on_both_ports(gatehouse):
    for port in (gatehouse.port, gatehouse.operations):
        assert (get(port, "/livez").status, get(port, "/livez").body) == (200, b"ok\n")
        assert get(port, "/startupz").body == b"started\n"
        ready = get(port, "/readyz")
        assert ready.status == 200 and ready.body == b"gatehouse=ready\n"
        assert ready.headers["cache-control"] == "no-store"
        assert request(port, "HEAD", "/readyz").status == 200
        assert request(port, "OPTIONS", "/readyz").status in (200, 204)
        assert b"[+]" in get(port, "/readyz?verbose").body
        assert get(port, f"/readyz/models/{MODEL}").status == 200
        assert get(port, "/readyz/models/no-such-model").status == 404
        assert 0 <= int(get(port, "/weight").body) <= 100
        health = get(port, "/health")
        assert health.status == 200 and health.json["status"] in ("pass", "warn")
        assert set(health.json) <= {"status"}, "details are on the admin plane"
    assert post(gatehouse.operations, "/v1/chat/completions", {}).status == 404, "no model API on this port"


def test_health_checks_of_load_balancers(gatehouse):
    """HAProxy's default: OPTIONS / HTTP/1.0 without Host; its httpchk with a path; ALB closes each time."""
    for text in (
        b"OPTIONS /readyz HTTP/1.0\r\n\r\n",
        b"GET /readyz HTTP/1.0\r\n\r\n",
        b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"HEAD /readyz HTTP/1.1\r\nHost: 10.0.0.1:11432\r\nConnection: close\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", gatehouse.operations)) as connection:
            connection.sendall(text)
            data = b""
            while part := connection.recv(4096):
                data += part
            assert data.startswith(b"HTTP/1.1 20"), data


def test_metrics_pass_promtool(gatehouse):
    chat(gatehouse.port)
    answer = get(gatehouse.operations, "/metrics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=answer.body, capture_output=True, timeout=30)
        assert done.returncode == 0, done.stdout + done.stderr
    text = answer.body.decode()
    assert "gatehouse_requests_total{" in text and "gen_ai_server_request_duration_seconds_bucket{" in text


def test_one_json_log_line_per_request(gatehouse):
    def logged(answer):
        identity = answer.headers["x-gatehouse-request-id"]
        lines = until(lambda: [l for l in gatehouse.output.splitlines() if identity in l], what="the log line")
        assert len(lines) == 1
        return json.loads(lines[0])

    for stream in (False, True):
        answer = chat(gatehouse.port, stream=stream)
        line = logged(answer)
        assert line["status"] == 200 and line["model"] == MODEL and line["backend"] == "gpu1"
        assert line["bytes_out"] == len(answer.body)
    answer = get(gatehouse.port, "/no/such/path")
    line = logged(answer)
    assert (line["status"], line["endpoint"], line["bytes_out"]) == (404, "none", len(answer.body))


def test_usage_rows(gatehouse):
    chat(gatehouse.port)
    usage = until(lambda: json.loads(gatehouse.command("usage", "--json").stdout), what="usage")
    row = next(r for r in usage if r["model"] == MODEL)
    assert row["requests"] >= 1 and row["outputTokens"] >= 1
    assert MODEL in gatehouse.command("usage").stdout


def test_requests_list_show_cancel():
    with Simulated("--tokens-per-second", "5") as slow, Gatehouse({"gpu1": slow.port}) as server:
        done = []
        thread = threading.Thread(target=lambda: done.append(chat(server.port, "count to 500", stream=True)))
        thread.start()

        def running():
            return [r for r in json.loads(server.command("requests", "list", "--json").stdout) if r["state"] == "running"]

        identity = until(running, what="a running request")[0]["id"]
        assert MODEL in server.command("requests", "list").stdout
        assert "queue" in server.command("requests", "show", identity).stdout
        server.command("requests", "cancel", identity)
        thread.join(10)
        assert "cancelled" in done[0].body.decode()
        shown = json.loads(server.command("requests", "show", identity, "--json").stdout)
        assert shown["state"] == "ended" and shown["reason"] == "cancelled"
        unknown = server.command("requests", "show", "018f0000-0000-7000-8000-000000000000", check=False)
        assert unknown.returncode == 1 and "no request" in unknown.stderr


def test_reload_is_whole_or_not_at_all(ollama):
    with Simulated() as other, Gatehouse({"gpu1": ollama.port}) as server:
        good = server.configuration
        server.configuration = {**good, "backends": {"gpu1": good["backends"]["gpu1"], "gpu2": {"knd": "ollama"}}}
        server.write()
        server.signal(signal.SIGHUP)
        until(lambda: "gatehouse.yaml:" in server.output, what="the mistakes in the log")
        assert chat(server.port).status == 200
        failed = server.command("reload", check=False)
        assert failed.returncode == 2 and "knd" in failed.stderr and "kind" in failed.stderr
        server.configuration = {**good, "backends": {**good["backends"], "gpu2": server.backend(other.port)}}
        server.write()
        server.command("reload")

        def names():
            report = json.loads(server.command("status", "--json").stdout)
            return {b["name"]: b["state"] for b in report["backends"]} == {"gpu1": "usable", "gpu2": "usable"}

        until(names, what="the second backend")


def test_a_reload_does_not_disturb_a_stream(ollama):
    with Simulated("--tokens-per-second", "20") as slow, Gatehouse({"gpu1": slow.port}) as server:
        done = []
        thread = threading.Thread(target=lambda: done.append(chat(server.port, "count to 40", stream=True)))
        thread.start()
        until(lambda: json.loads(server.command("status", "--json").stdout)["requestsInFlight"], what="the stream")
        server.command("reload")
        thread.join(20)
        assert done[0].body.decode().rstrip().endswith("data: [DONE]")


def test_a_reload_is_no_outage_for_a_backend_with_a_name(ollama):
    with Gatehouse({"gpu1": f"http://localhost:{ollama.port}"}) as server:
        for _ in range(10):
            server.command("reload")
            assert chat(server.port).status == 200


def test_sigterm_finishes_streams_and_exits_zero():
    with Simulated("--tokens-per-second", "20") as slow:
        with Gatehouse({"gpu1": slow.port}, drain={"delay": "1s", "timeout": "20s"}) as server:
            done = []
            thread = threading.Thread(target=lambda: done.append(chat(server.port, "count to 60", stream=True)))
            thread.start()
            until(lambda: json.loads(server.command("status", "--json").stdout)["requestsInFlight"], what="the stream")
            server.signal(signal.SIGTERM)
            ready = until(
                lambda: (a := get(server.operations, "/readyz")).status == 503 and a, seconds=5, what="unreadiness"
            )
            assert ready.body == b"gatehouse=draining\n" and "retry-after" in ready.headers
            assert get(server.operations, "/livez").status == 200
            thread.join(20)
            assert done[0].body.decode().rstrip().endswith("data: [DONE]")
            assert server.wait(20) == 0


def test_sigterm_cuts_what_does_not_end_with_a_true_error():
    with Simulated("--tokens-per-second", "5") as slow:
        with Gatehouse({"gpu1": slow.port}, drain={"delay": "0s", "timeout": "1s"}) as server:
            done = []
            thread = threading.Thread(target=lambda: done.append(chat(server.port, "count to 500", stream=True)))
            thread.start()
            until(lambda: json.loads(server.command("status", "--json").stdout)["requestsInFlight"], what="the stream")
            server.signal(signal.SIGTERM)
            assert server.wait(20) == 0
            thread.join(10)
            text = done[0].body.decode()
            assert "shutdown" in text and "[DONE]" not in text


def test_a_second_sigterm_ends_at_once():
    with Simulated("--tokens-per-second", "2") as slow:
        with Gatehouse({"gpu1": slow.port}, drain={"delay": "30s", "timeout": "60s"}) as server:
            server.signal(signal.SIGTERM)
            until(lambda: get(server.operations, "/readyz").status == 503, what="unreadiness")
            begun = time.monotonic()
            server.signal(signal.SIGTERM)
            assert server.wait(10) == 0 and time.monotonic() - begun < 8


def test_kill_nine_loses_nothing_that_was_written(ollama):
    with Gatehouse({"gpu1": ollama.port}) as server:
        for _ in range(5):
            chat(server.port)
        until(lambda: json.loads(server.command("usage", "--json").stdout), what="usage")
        server.kill()
        database = next((server.folder / "state").glob("*.sqlite"))
        with sqlite3.connect(database) as connection:
            assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        again = subprocess.Popen([BINARY, "serve", "--config", server.config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(lambda: answers(server.operations, "/readyz", status=200), what="the second start")
            assert json.loads(server.command("usage", "--json").stdout)[0]["requests"] >= 5
        finally:
            again.terminate()
            again.wait(20)


def test_a_full_disk_does_not_stop_answers(ollama, tmp_path):
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", tmp_path]).returncode:
        pytest.skip("needs root, to mount a small file system")
    try:
        with Gatehouse({"gpu1": ollama.port}, state=str(tmp_path / "state")) as server:
            assert chat(server.port).status == 200
            filler = os.open(tmp_path / "filler", os.O_WRONLY | os.O_CREAT)
            with contextlib.suppress(OSError):
                while True:
                    os.write(filler, b"x" * 4096)
            os.close(filler)
            for _ in range(20):
                assert chat(server.port).status == 200
            until(
                lambda: "gatehouse_usage_rows_dropped_total 0" not in get(server.operations, "/metrics").body.decode()
                or "usage" in json.dumps(json.loads(server.command("status", "--json").stdout)["warnings"]),
                what="the full disk to be told",
            )
    finally:
        subprocess.run(["umount", "-l", tmp_path], check=True)


def test_several_backends_share_the_work():
    with Simulated("--tokens-per-second", "100") as one, Simulated("--tokens-per-second", "100") as two:
        with Gatehouse({"one": one.port, "two": two.port}) as server:
            threads = [threading.Thread(target=chat, args=(server.port, "count to 20")) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert one.counters["inferences"] and two.counters["inferences"]
            server.command("backends", "drain", "one")
            before = one.counters["inferences"]
            for _ in range(4):
                assert chat(server.port).headers["x-gatehouse-route"] == "local:two"
            assert one.counters["inferences"] == before
            server.command("backends", "undrain", "one")
            routes = {chat(server.port).headers["x-gatehouse-route"] for _ in range(6)}
            assert "local:one" in routes


@pytest.mark.slow
@pytest.mark.timing
def test_health_answers_under_full_load():
    with Simulated("--tokens-per-second", "0", "--slots", "64") as fast:
        with Gatehouse({"gpu1": {"url": f"http://127.0.0.1:{fast.port}", "slots": 64}}) as server:
            stop = threading.Event()

            def load():
                while not stop.is_set():
                    chat(server.port, "count to 50", stream=True)

            threads = [threading.Thread(target=load) for _ in range(8)]
            for thread in threads:
                thread.start()
            try:
                for _ in range(50):
                    assert get(server.operations, "/readyz").status == 200
            finally:
                stop.set()
                for thread in threads:
                    thread.join()


@pytest.mark.slow
def test_a_short_soak_leaks_nothing():
    """Random disconnects; the long form is deploy/soak."""
    import random

    generator = random.Random(7)
    with Simulated("--tokens-per-second", "200", "--slots", "64") as fast:
        with Gatehouse({"gpu1": {"url": f"http://127.0.0.1:{fast.port}", "slots": 64}}) as server:

            def one(disconnect):
                body = json.dumps(
                    {"model": MODEL, "messages": [{"role": "user", "content": "count to 30"}], "stream": True}
                ).encode()
                with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
                    connection.sendall(
                        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                    )
                    while connection.recv(4096):
                        if generator.random() < disconnect:
                            return

            def burst(count):
                threads = [threading.Thread(target=one, args=(0.1,)) for _ in range(count)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()

            for _ in range(5):
                burst(20)
            idle = lambda: json.loads(server.command("status", "--json").stdout)["requestsInFlight"] == 0
            until(idle, what="all requests to end")
            memory, open_files = rss(server.pid), descriptors(server.pid)
            for _ in range(15):
                burst(20)
            until(idle, what="all requests to end")
            assert rss(server.pid) - memory < 12 << 20
            # Kept upstream connections may differ, leaked ones would be hundreds.
            assert abs(descriptors(server.pid) - open_files) < 40
