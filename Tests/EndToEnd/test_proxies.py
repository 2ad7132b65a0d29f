"""Behind proxies: who is taken for the client where HAProxy and nginx say so, and who is refused."""
import contextlib
import http.client
import json
import re
import socket
import ssl
import struct
from pathlib import Path

import pytest
from certificates import certificates
from harness import Gatehouse, Process, Simulated, free_port, get, until

MODEL = "llama3.2:3b"
CLIENT = "127.0.0.77"
PROXY = "127.0.0.9"
HAPROXY, NGINX = Path("/usr/sbin/haproxy"), Path("/usr/sbin/nginx")
needs_haproxy = pytest.mark.skipif(not HAPROXY.exists(), reason="HAProxy is not installed")
needs_nginx = pytest.mark.skipif(not NGINX.exists(), reason="nginx is not installed")


@contextlib.contextmanager
def node(ollama, keys=True, **listeners):
    """A node whose proxies are at `PROXY`."""
    with Gatehouse({"gpu1": ollama.port}, listeners={"proxies": [f"{PROXY}/32"], **listeners}, logging={"level": "debug"}) as server:
        if keys:
            server.key = server.command("keys", "add", "app").stdout.split()[-1]
        yield server


@pytest.fixture(scope="module")
def announced(ollama):
    with node(ollama, proxy_protocol=True) as server:
        yield server


@contextlib.contextmanager
def haproxy(server, tmp_path, options, mode="http", port=None):
    """HAProxy in front of a node, at a port."""
    front = free_port()
    config = tmp_path / f"haproxy-{front}.cfg"
    config.write_text(
        f"global\n  maxconn 100\ndefaults\n  mode {mode}\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n"
        f"frontend in\n  bind 127.0.0.1:{front}\n  default_backend nodes\n"
        f"backend nodes\n  option httpchk GET /readyz\n  source {PROXY}\n"
        f"  server gh1 127.0.0.1:{port or server.port} {options}\n"
    )
    with Process([HAPROXY, "-db", "-f", config]):
        until(lambda: reachable(front), what="HAProxy")
        yield front


def reachable(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


def ask(port, secret, context=None, headers=None):
    """Asks for the list of models, from the address `CLIENT`."""
    kind = http.client.HTTPConnection if context is None else http.client.HTTPSConnection
    more = {} if context is None else {"context": context}
    with contextlib.closing(kind("localhost" if context else "127.0.0.1", port, timeout=30, source_address=(CLIENT, 0), **more)) as link:
        link.request("GET", "/v1/models", headers={"Authorization": f"Bearer {secret}", **(headers or {})})
        answer = link.getresponse()
        return answer.status, json.loads(answer.read())


def refused_peers(server):
    """The addresses that the log names for keys that were refused."""
    lines = [line for line in server.output.splitlines() if "a key was refused" in line]
    return [re.search(r'"peer":"([^"]*)"', line)[1] for line in lines]


def refusals(server):
    line = re.search(rb"^gatehouse_proxy_headers_refused_total (\d+)$", get(server.operations, "/metrics").body, re.M)
    return int(line[1])


# HAProxy


@needs_haproxy
@pytest.mark.parametrize("version", ["send-proxy", "send-proxy-v2"])
def test_haproxy_says_for_whom_it_speaks(announced, tmp_path, version):
    # Its own health checks begin with a header too: in version 2 with LOCAL.
    with haproxy(announced, tmp_path, f"{version} check check-send-proxy inter 200ms") as port:
        until(lambda: ask(port, announced.key)[0] == 200, what="an answer through HAProxy")
        before, spoilt = len(refused_peers(announced)), refusals(announced)
        assert ask(port, "wrong")[0] == 401
        until(lambda: len(refused_peers(announced)) > before, what="a line in the log")
        assert refused_peers(announced)[-1].startswith(f"{CLIENT}:")
        assert refusals(announced) == spoilt


@needs_haproxy
def test_haproxy_passes_tls_through(ollama, tmp_path):
    authority, certificate, key = certificates(tmp_path, "DNS:localhost")
    key.chmod(0o600)
    secure = free_port()
    listeners = {"data": [f"https://127.0.0.1:{secure}"], "proxies": [PROXY], "proxy_protocol": True}
    tls = {"certificate": certificate, "key": {"file": key}}
    with Gatehouse({"gpu1": ollama.port}, listeners=listeners, tls=tls) as server:
        key = server.command("keys", "add", "app").stdout.split()[-1]
        with haproxy(server, tmp_path, "send-proxy-v2", mode="tcp", port=secure) as port:
            context = ssl.create_default_context(cafile=authority)
            assert ask(port, key, context)[0] == 200
            assert ask(port, "wrong", context)[0] == 401
            until(lambda: refused_peers(server), what="a line in the log")
            assert refused_peers(server)[0].startswith(f"{CLIENT}:")


@needs_haproxy
def test_who_comes_through_a_proxy_is_not_on_this_machine(ollama, tmp_path):
    with node(ollama, keys=False, proxy_protocol=True) as server:
        with haproxy(server, tmp_path, "send-proxy-v2") as port:
            until(lambda: ask(port, "none")[0] != 503, what="HAProxy's way")
            status, said = ask(port, "none")
            assert (status, said["error"]["code"]) == (403, "loopback_only")


@needs_haproxy
def test_wrong_keys_behind_a_proxy_count_for_each_client(announced, tmp_path):
    with haproxy(announced, tmp_path, "send-proxy") as port:
        codes = [said_by(announced, port, f"127.0.1.{client}") for client in range(1, 13)]
        assert set(codes) == {401}
        codes = [said_by(announced, port, "127.0.2.1") for _ in range(11)]
        assert codes == [401] * 10 + [429]


def said_by(server, port, address):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))) as link:
        link.request("GET", "/v1/models", headers={"Authorization": "Bearer wrong"})
        answer = link.getresponse()
        answer.read()
        return answer.status


# Without a proxy


def exchange(server, said, source):
    """All that comes back for some bytes; nothing where the connection is reset, which may be within its first moment."""
    answer = b""
    with contextlib.suppress(ConnectionError):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20, source_address=(source, 0)) as link:
            link.sendall(said)
            while more := link.recv(4096):
                answer += more
    return answer


REQUEST = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
LINE = b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n"
BINARY = b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + struct.pack("!H4s4sHH", 12, b"\x0a\1\2\3", b"\x0a\0\0\1", 1, 2)


@pytest.mark.parametrize("header", [LINE, BINARY])
def test_only_listed_proxies_may_speak_for_others(announced, header):
    assert exchange(announced, header + REQUEST, PROXY).startswith(b"HTTP/1.1 200 ")
    before = refusals(announced)
    assert exchange(announced, header + REQUEST, CLIENT) == b""
    assert exchange(announced, REQUEST, CLIENT) == b""
    assert exchange(announced, REQUEST, PROXY) == b""
    until(lambda: refusals(announced) == before + 3, what="three refusals")


def test_the_operations_plane_needs_no_header(announced):
    assert get(announced.operations, "/readyz").status == 200


def test_without_the_protocol_a_header_is_no_request(ollama):
    with node(ollama) as server:
        assert exchange(server, LINE + REQUEST, PROXY).startswith(b"HTTP/1.1 400 ")


# X-Forwarded-For


@pytest.mark.parametrize(
    "proxied, peer", [(True, r"10\.1\.2\.3"), (False, rf"{CLIENT}:\d+".replace("127.0.0.77", r"127\.0\.0\.77"))]
)
def test_forwarded_for_counts_from_listed_proxies_alone(ollama, proxied, peer):
    with node(ollama) as server:
        source = PROXY if proxied else CLIENT
        head = f"GET /v1/models HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.9.9.9, 10.1.2.3\r\nX-Api-Key: wrong\r\nConnection: close\r\n\r\n"
        assert exchange(server, head.encode(), source).startswith(b"HTTP/1.1 401 ")
        until(lambda: refused_peers(server), what="a line in the log")
        assert re.fullmatch(peer, refused_peers(server)[0])


@needs_nginx
def test_nginx_says_for_whom_it_asks(ollama, tmp_path):
    with node(ollama) as server:
        front = free_port()
        config = tmp_path / "nginx.conf"
        temporary = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config.write_text(
            f"daemon off; pid {tmp_path}/pid; error_log stderr; worker_processes 1; events {{}}\n"
            f"http {{ access_log off; {temporary} server {{ listen 127.0.0.1:{front}; location / {{\n"
            f"proxy_pass http://127.0.0.1:{server.port}; proxy_bind {PROXY};\n"
            "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } } }\n"
        )
        with Process([NGINX, "-c", config, "-p", tmp_path]):
            until(lambda: reachable(front), what="nginx")
            assert ask(front, server.key)[0] == 200
            # What the client says of itself stands before what nginx says of it.
            assert ask(front, "wrong", headers={"X-Forwarded-For": "10.9.9.9"})[0] == 401
            until(lambda: refused_peers(server), what="a line in the log")
            assert refused_peers(server) == [CLIENT]
