"""Every known way a prompt could leave, tried; canaries must see nothing. Numbers are those of the leak list in the
project's residency reference."""
import json
import os
import subprocess
from pathlib import Path

import pytest

from harness import (
    BINARY,
    COMMAND_ENVIRONMENT,
    NDJSON_HEAD,
    Canary,
    Gatehouse,
    RawUpstream,
    Simulated,
    answers,
    chunk,
    get,
    message,
    post,
    request,
    until,
)
from names import NameServer, Resolver

MODEL = "llama3.2:3b"


def chat(port, model=MODEL, path="/v1/chat/completions", **more):
    return post(port, path, {"model": model, "messages": [{"role": "user", "content": "say: secret"}], **more})


def test_l01_a_proxy_in_the_environment_sees_nothing(ollama):
    with Canary() as canary:
        url = f"http://127.0.0.1:{canary.port}"
        names = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        with Gatehouse({"gpu1": ollama.port}, env={name: url for name in names}) as server:
            assert chat(server.port).status == 200
            assert "all_proxy" in server.output, "it tells which variables it removed"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_l03_a_redirect_is_refused(status):
    with Canary() as canary:
        extra = (
            f"Location: http://127.0.0.1:{canary.port}/api/chat\r\nRefresh: 0; url=http://127.0.0.1:{canary.port}/\r\n"
            f'Alt-Svc: h2="127.0.0.1:{canary.port}"\r\n'
        )

        def script(connection, head, body):
            connection.sendall(message("{}", status=status, extra=extra))

        with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as server:
            answer = chat(server.port, model="tiny")
            assert answer.status == 502 and answer.json["error"]["code"] == "redirect_refused"
            assert "location" not in answer.headers


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1:11434",
        "http://2130706433:11434",
        "http://0x7f000001:11434",
        "http://0177.0.0.1:11434",
        "http://127.0.0.1.:11434",
        "http://user@127.0.0.1:11434",
        "http://user:secret@127.0.0.1:11434",
        "http://user:secret@127.0.0.1",
        "http://user:secret@127.0.0.1:11434/path",
        "http://[fe80::1%25eth0]:11434",
        "http://%31%32%37.0.0.1:11434",
        "http://ｌocalhost:11434",
        "http://0.0.0.0:11434",
        "http://[::ffff:8.8.8.8]:11434",
        "http://169.254.169.254:80",
        "http://8.8.8.8:11434",
        "http://127.0.0.1:11434/path",
        "http://127.0.0.1:11434?x=y",
        "ftp://127.0.0.1:11434",
        "file:///etc/passwd",
        "http://",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
    ],
)
def test_l06_odd_addresses_are_refused_before_start(url, tmp_path):
    (tmp_path / "models.manifest").write_text("schema: 1\n")
    config = tmp_path / "gatehouse.yaml"
    config.write_text(
        f"schema: 1\nstate: {tmp_path}/state\nbackends:\n  gpu1: {{kind: ollama, zone: loopback, url: {json.dumps(url)}}}\n"
    )
    done = subprocess.run([BINARY, "check", "--config", str(config)], capture_output=True, text=True, timeout=30, env={**os.environ, **COMMAND_ENVIRONMENT})
    assert done.returncode == 2, done.stdout + done.stderr
    assert "gatehouse.yaml:" in done.stdout + done.stderr, "the place of the mistake is told"
    assert "secret" not in done.stdout + done.stderr, "a password is not repeated"


def test_l05_a_name_whose_addresses_are_not_all_in_the_zone_is_not_used(ollama):
    """`localhost` has loopback addresses only; said to stand in a private zone, nothing may connect to it."""
    with Gatehouse(
        {"gpu1": {"url": f"http://localhost:{ollama.port}", "zone": "lan"}},
        zones={"lan": ["10.0.0.0/8"]},
        wait=False,
    ) as server:
        until(lambda: "addr_class" in server.output, what="the refusal in the log")
        assert chat(server.port).status == 503


CLOUD_NAMES = [
    "x:cloud",
    "tiny:cloud",
    "tiny:CLOUD",
    "tiny:7b-cloud",
    "tiny:7B-Cloud",
    " tiny:cloud ",
    "tiny:cloud\n",
    "tiny:cloud\u00a0",
    "\u2003tiny:cloud",
    "ollama.com/library/tiny:cloud",
    "registry.ollama.ai/library/tiny:7b-cloud",
    "tiny\uff1acloud",
    "tiny\ua789cloud",
    "tiny:ｃloud",
    "tiny:local:cloud",
    "tiny:cloud:local",
    "cloud:cloud",
]


@pytest.mark.parametrize("name", CLOUD_NAMES)
def test_l09_cloud_names_never_reach_a_server_whose_cloud_is_on(name):
    with Simulated("--cloud", "on") as cloudy, Gatehouse({"gpu1": cloudy.port}) as server:
        seen = cloudy.counters["inferences"]
        for path in ("/v1/chat/completions", "/api/chat", "/v1/messages", "/v1/responses", "/api/generate"):
            body = {
                "model": name,
                "messages": [{"role": "user", "content": "secret"}],
                "input": "secret",
                "prompt": "secret",
                "max_tokens": 5,
            }
            answer = post(server.port, path, body)
            assert answer.status in (403, 404), (path, name, answer.body)
            assert answer.headers["x-gatehouse-reason"] in ("remote_model", "model_unknown"), (path, name)
        assert post(server.port, "/api/show", {"model": name}).status in (403, 404)
        assert cloudy.departures == []
        assert cloudy.counters["inferences"] == seen


@pytest.mark.parametrize(
    "body",
    [
        '{"model":"llama3.2:3b","Model":"x:cloud","messages":[]}',
        '{"model":"llama3.2:3b","model":"x:cloud","messages":[]}',
        '{"mod\\u0065l":"x:cloud","model":"llama3.2:3b","messages":[]}',
        '{"mod\\u0065l":"x:cloud","messages":[]}',
        '{"MODEL":"x:cloud","messages":[]}',
        '{"model":"llama3.2:3b","messages":[]}{"model":"x:cloud"}',
        '{"model":"llama3.2:3b","messages":[],"tool\u017f":[]}',
        '{"model":"llama3.2:3b","messages":[],"op\\u0054ions":{}}',
    ],
)
def test_l09_bodies_that_the_backend_could_read_otherwise(body):
    with Simulated("--cloud", "on") as cloudy, Gatehouse({"gpu1": cloudy.port}) as server:
        answer = request(server.port, "POST", "/api/chat", body=body.encode())
        assert answer.status in (400, 403), answer.body
        assert answer.headers["x-gatehouse-reason"] in ("ambiguous_body", "remote_model", "invalid_json")
        assert cloudy.departures == []


def test_encodings_other_than_identity_are_refused(gatehouse):
    for coding in ("gzip", "zstd", "br", "deflate", "identity, zstd"):
        answer = request(
            gatehouse.port, "POST", "/v1/chat/completions", body=b"x", headers={"Content-Encoding": coding}
        )
        assert answer.status == 415, coding


def test_l10_an_alias_with_remote_host_is_never_served():
    with Simulated("--fault", "remote-host") as server, Gatehouse({"gpu1": server.port}, wait=False) as gate:
        until(lambda: answers(gate.operations, "/startupz", status=200), what="the start")
        answer = chat(gate.port)
        assert answer.status == 404 and "alias of" in answer.json["error"]["message"]
        assert server.counters["inferences"] == 0
        assert MODEL not in json.dumps(get(gate.port, "/v1/models").json)


def test_l10_an_answer_from_outside_quarantines_the_backend():
    record = {
        "model": "tiny",
        "remote_model": "big",
        "remote_host": "https://ollama.com:443",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": "words of the cloud"},
        "done": False,
    }

    def script(connection, head, body):
        connection.sendall(NDJSON_HEAD + chunk(json.dumps(record) + "\n"))
        connection.sendall(chunk(json.dumps({**record, "done": True, "done_reason": "stop"}) + "\n") + b"0\r\n\r\n")

    with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as server:
        answer = chat(server.port, model="tiny", path="/api/chat")
        assert answer.status >= 400 and b"words of the cloud" not in answer.body
        status = json.loads(server.command("status", "--json", "--once").stdout)
        assert status["backends"][0]["state"] == "quarantined"
        assert chat(server.port, model="tiny", path="/api/chat").status == 503
        assert len(upstream.requests) == 1
        server.command("backends", "release", "gpu1")
        until(
            lambda: json.loads(server.command("status", "--json", "--once").stdout)["backends"][0]["state"] == "usable",
            what="the release",
        )


def test_l11_web_search_tools():
    with Simulated("--cloud", "on") as cloudy, Gatehouse({"gpu1": cloudy.port}) as server:
        ask = {"model": MODEL, "max_tokens": 20, "messages": [{"role": "user", "content": "say: hi"}]}
        tool = {"type": "web_search_20250305", "name": "web_search"}
        declared = post(server.port, "/v1/messages", {**ask, "tools": [tool]})
        assert declared.status == 200 and "web_search" in declared.headers["x-gatehouse-dropped"]
        forced = post(
            server.port,
            "/v1/messages",
            {**ask, "tools": [tool], "tool_choice": {"type": "tool", "name": "web_search"}},
        )
        assert forced.status == 403 and forced.headers["x-gatehouse-reason"] == "tool_forbidden"
        declared = post(
            server.port, "/v1/responses", {"model": MODEL, "input": "say: hi", "tools": [{"type": "web_search"}]}
        )
        assert declared.status == 200 and "web_search" in declared.headers["x-gatehouse-dropped"]
        assert cloudy.departures == []


FORBIDDEN = [
    "/api/pull",
    "/api/push",
    "/api/create",
    "/api/copy",
    "/api/delete",
    "/api/blobs/sha256:abc",
    "/api/me",
    "/api/signout",
    "/api/user/keys/x",
    "/api/experimental/web_search",
    "/api/experimental/web_fetch",
    "/api/%70ull",
    "/API/PULL",
    "//api/pull",
    "/api//pull",
    "/./api/pull",
    "/api/./pull",
    "/x/../api/pull",
    "/api/chat/../pull",
    "/api/%2e%2e/api/pull",
    "/api%2Fpull",
    "/api/pull/",
    "/api/pull?x=1",
    "/%61pi/%70ull",
    "/api/%2570ull",
    "/api/pull;x",
    "/api\\pull",
]


@pytest.mark.parametrize("path", FORBIDDEN)
def test_l12_what_changes_the_host_is_forbidden_in_every_spelling(path, gatehouse, ollama):
    for method in ("POST", "GET", "DELETE", "HEAD", "PUT"):
        answer = request(gatehouse.port, method, path, body=b'{"model":"x"}')
        assert answer.status in (403, 404, 405, 400, 501), (method, path, answer.status)
        if method == "POST":
            # A backslash is no character of a request target (RFC 3986), so that one is no HTTP at all.
            assert answer.headers["x-gatehouse-reason"] == ("bad_request" if "\\" in path else "path_forbidden")
    assert ollama.state["forbiddenCalls"] == []


def test_l13_only_canonical_paths_are_forwarded(gatehouse, ollama):
    for path in ("/api%2Fchat", "/api/ch%61t", "//api/chat", "/api/chat/", "/API/chat", "/v1//chat/completions"):
        answer = post(gatehouse.port, path, {"model": MODEL, "messages": []})
        assert answer.status == 404, path


def test_a_fresh_header_set_goes_to_the_backend():
    def script(connection, head, body):
        answer = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}]}
        connection.sendall(message(json.dumps({"model": "tiny", **answer})))

    with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as server:
        key = next(w for w in server.command("keys", "add", "proxy").stdout.split() if w.startswith("gh_"))
        hostile = {
            "Authorization": f"Bearer {key}",
            "Cookie": "session=secret-cookie",
            "X-Api-Key": "secret-key",
            "X-Forwarded-For": "10.1.2.3",
            "Forwarded": "for=10.1.2.3",
            "baggage": "user=secret-user",
            "traceparent": "00-secret-trace-01",
            "X-Custom": "secret-custom",
            "User-Agent": "secret-agent",
            "Accept-Language": "secret-language",
            "Referer": "http://secret-referer/",
        }
        answer = request(
            server.port,
            "POST",
            "/v1/chat/completions?secret=query",
            body={"model": "tiny", "messages": [{"role": "user", "content": "x"}]},
            headers=hostile,
        )
        assert answer.status == 200, answer.body
        head = upstream.requests[0][0]
        assert b"secret" not in head and key.encode() not in head, head
        names = {line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:]}
        assert names <= {b"host", b"content-type", b"content-length", b"accept", b"user-agent"}, names


def test_l28_dns_sees_configured_names_and_no_name_made_of_them(ollama, tmp_path):
    own = Resolver(tmp_path)
    own.write("127.0.0.1 localhost\n127.0.0.1 listed.lan.test\n", search="corp.test")
    hosts = {"known": "gpu1.lan.test", "gone": "gone.lan.test", "listed": "listed.lan.test", "short": "short"}
    backends = {name: f"http://{host}:{ollama.port}" for name, host in hosts.items()}
    with NameServer({"gpu1.lan.test": ["127.0.0.1"], "short.corp.test": ["127.0.0.1"]}) as names:
        with Gatehouse(backends, through=own.through) as server:

            def usable():
                report = json.loads(server.command("status", "--json").stdout)
                return {b["name"] for b in report["backends"] if b["state"] == "usable"} == {"known", "listed", "short"}

            until(usable, what="the backends whose names have an address")
            until(lambda: "resolving the name gone.lan.test" in server.output, what="the name without an address")
            assert chat(server.port, model="models.lan.test").status != 200
            assert chat(server.port).status == 200
        assert names.asked == {"gpu1.lan.test", "gone.lan.test", "short.corp.test"}


def test_l31_secrets_of_the_environment_are_not_used(ollama, tmp_path):
    keylog, netrc = tmp_path / "keylog", tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login secret password secret\n")
    env = {"SSLKEYLOGFILE": str(keylog), "NETRC": str(netrc), "OPENSSL_CONF": str(tmp_path / "no.cnf"), "HOME": str(tmp_path)}
    Path(tmp_path / ".netrc").write_text(netrc.read_text())
    with Gatehouse({"gpu1": ollama.port}, env=env) as server:
        assert chat(server.port).status == 200
    assert not keylog.exists()


def test_prompts_are_in_no_log_and_no_metric(ollama):
    with Gatehouse({"gpu1": ollama.port}) as server:
        secret = "zebra-quartz-7731"
        post(server.port, "/v1/chat/completions", {"model": MODEL, "messages": [{"role": "user", "content": secret}]})
        post(server.port, "/v1/chat/completions", {"model": secret, "messages": []})
        post(server.port, "/v1/chat/completions", '{"model": "x", ' + secret)
        get(server.port, f"/{secret}")
        metrics = get(server.operations, "/metrics").body.decode()
        shown = server.command("requests", "list", "--json").stdout + server.command("status", "--json").stdout
        server.stop()
        state = b"".join(p.read_bytes() for p in (server.folder / "state").rglob("*") if p.is_file())
        assert secret not in server.output and secret not in metrics and secret not in shown
        assert secret.encode() not in state


def test_a_backend_whose_cloud_is_on_is_told_and_can_be_refused():
    with Simulated("--cloud", "on") as cloudy:
        with Gatehouse({"gpu1": cloudy.port}) as server:
            assert chat(server.port).status == 200
            warnings = json.loads(server.command("status", "--json").stdout)["warnings"]
            assert any("cloud" in w for w in warnings)
            asked = next(body for body in cloudy.bodies if "messages" in body)
            assert asked["model"] == MODEL + ":local", "`:local` is added"
            assert chat(server.port).json["model"] == MODEL, "and taken out of the answer"
        with Gatehouse({"gpu1": cloudy.port}, require_cloud_off=True, wait=False) as server:
            until(lambda: answers(server.operations, "/startupz", status=200), what="the start")
            answer = chat(server.port)
            assert answer.status == 503 and "cloud" in answer.json["error"]["message"]
