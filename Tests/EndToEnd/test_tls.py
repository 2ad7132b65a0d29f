"""TLS on the listeners: what clients see, what is refused, and what a reload takes on."""
import contextlib
import http.client
import json
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest
from certificates import authority as new_authority
from certificates import run, signed
from harness import Gatehouse, Simulated, free_port, get, until

MODEL = "llama3.2:3b"


class Authority:
    """An authority of `folder`; its own certificate is `certificate`."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate, self.key = self.signer = new_authority(folder)

    def issue(self, name, alternatives="DNS:localhost,IP:127.0.0.1", **more):
        """A certificate and its key, which has the rights that Gatehouse wants."""
        certificate, key = signed(self.folder, self.signer, alternatives, name=name, **more)
        key.chmod(0o600)
        return certificate, key


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@contextlib.contextmanager
def node(ollama, certificate, plain=True, **tls):
    """A node that speaks TLS at `secure`; and without TLS at `port`, unless that is not wanted."""
    secure = free_port()
    also = [f"127.0.0.1:{free_port()}"] if plain else []
    settings = {"certificate": certificate[0], "key": {"file": certificate[1]}, **tls}
    with Gatehouse(
        {"gpu1": ollama.port}, listeners={"data": [f"https://127.0.0.1:{secure}", *also]}, tls=settings
    ) as server:
        server.secure = secure
        yield server


@pytest.fixture(scope="module")
def secured(ollama, authority):
    with node(ollama, authority.issue("server")) as server:
        yield server


def trusting(authority, certificate=None):
    context = ssl.create_default_context(cafile=authority.certificate)
    if certificate:
        context.load_cert_chain(*certificate)
    return context


def connection(server, context, timeout=30):
    return http.client.HTTPSConnection("localhost", server.secure, context=context, timeout=timeout)


def ask(link, content, stream=False):
    body = {"model": MODEL, "messages": [{"role": "user", "content": content}], "stream": stream}
    link.request("POST", "/v1/chat/completions", json.dumps(body))
    answer = link.getresponse()
    return answer.status, answer.read()


def hello(server, *arguments, text=""):
    """What `openssl s_client` says of a handshake."""
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{server.secure}", *map(str, arguments)],
        input=text, capture_output=True, text=True, timeout=30,
    )  # fmt: skip


def handshakes(server, outcome):
    lines = get(server.operations, "/metrics").body.decode().splitlines()
    name = f'gatehouse_tls_handshakes_total{{outcome="{outcome}"}} '
    return int(next(line.removeprefix(name) for line in lines if line.startswith(name)))


def test_a_kept_connection_carries_answers_streams_and_large_bodies(secured, authority):
    link = connection(secured, trusting(authority))
    before = handshakes(secured, "full")
    for content, stream in [("hi", False), ("hi", True), ("x " * 2_000_000, False), ("hi", True)]:
        status, body = ask(link, content, stream)
        assert status == 200
        assert body.endswith(b"data: [DONE]\n\n") if stream else json.loads(body)["choices"]
    assert handshakes(secured, "full") == before + 1


def test_curl_is_answered(secured, authority):
    done = subprocess.run(
        ["curl", "-sS", "--cacert", authority.certificate, f"https://localhost:{secured.secure}/v1/models"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert MODEL in [model["id"] for model in json.loads(done.stdout)["data"]]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_both_safe_versions_are_spoken_and_sessions_resumed(secured, authority, version, tmp_path):
    session, option = tmp_path / "session", f"-tls{version.replace('.', '_')}"
    request = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    first = hello(secured, option, "-CAfile", authority.certificate, "-sess_out", session, "-ign_eof", text=request)
    assert f"Protocol  : TLSv{version}" in first.stdout or f"New, TLSv{version}" in first.stdout
    assert "Verify return code: 0" in first.stdout and "200 OK" in first.stdout
    before = handshakes(secured, "resumed")
    again = hello(secured, option, "-sess_in", session, "-ign_eof", text=request)
    assert "Reused, " in again.stdout and "200 OK" in again.stdout
    assert handshakes(secured, "resumed") == before + 1


@pytest.mark.parametrize("version", ["1", "1_1"])
def test_old_versions_are_refused(secured, version):
    refused = hello(secured, f"-tls{version}", "-cipher", "ALL:@SECLEVEL=0")
    assert refused.returncode != 0 and "alert protocol version" in refused.stderr


@pytest.mark.parametrize("cipher", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "NULL", "aNULL", "ECDHE-ECDSA-AES256-SHA384"])
def test_weak_ciphers_are_refused(secured, cipher):
    refused = hello(secured, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
    assert refused.returncode != 0 and "handshake failure" in refused.stderr


def test_only_http_1_1_is_offered(secured):
    both = hello(secured, "-alpn", "h2,http/1.1")
    assert "ALPN protocol: http/1.1" in both.stdout
    other = hello(secured, "-alpn", "h2")
    assert other.returncode != 0 and "no application protocol" in other.stderr


def test_renegotiation_is_refused(secured):
    refused = hello(secured, "-tls1_2", text="R\n")
    assert "no renegotiation" in refused.stderr


def test_a_minimum_of_1_3_refuses_1_2(ollama, authority):
    with node(ollama, authority.issue("newest"), min_version="1.3") as server:
        assert "alert protocol version" in hello(server, "-tls1_2").stderr
        assert "New, TLSv1.3" in hello(server, "-tls1_3").stdout


def test_a_certificate_with_an_rsa_key_serves(ollama, authority):
    with node(ollama, authority.issue("rsa", new_key=["-newkey", "rsa:2048", "-nodes"])) as server:
        assert ask(connection(server, trusting(authority)), "hi")[0] == 200


# Of clients


def test_clients_must_show_a_certificate_of_their_authority(ollama, authority, tmp_path):
    strangers = Authority(tmp_path / "strangers")
    clients = {"authorities": authority.certificate, "required": True}
    with node(ollama, authority.issue("server2"), clients=clients) as server:
        good = authority.issue("client", "URI:spiffe://intranet/batch")
        assert ask(connection(server, trusting(authority, good)), "hi")[0] == 200
        expired = authority.issue("expired", "DNS:client", days=-1)
        for certificate in [None, strangers.issue("client"), expired]:
            with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
                ask(connection(server, trusting(authority, certificate)), "hi")
        assert handshakes(server, "failed") == 3


def test_a_client_without_a_certificate_passes_where_it_is_optional(ollama, authority, tmp_path):
    strangers = Authority(tmp_path / "strangers")
    clients = {"authorities": authority.certificate, "required": False}
    with node(ollama, authority.issue("server3"), clients=clients) as server:
        assert ask(connection(server, trusting(authority)), "hi")[0] == 200
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            ask(connection(server, trusting(authority, strangers.issue("client"))), "hi")


@pytest.fixture(scope="module")
def known(ollama, authority):
    """A node whose clients may show certificates; `batch` and `web` are known by theirs, `secret` by a text."""
    clients = {"authorities": authority.certificate, "required": False}
    with node(ollama, authority.issue("server4"), clients=clients) as server:
        for name, certificate in [("batch", "uri:spiffe://intranet/batch"), ("web", "dns:web.intranet")]:
            told = server.command("keys", "add", name, "--project", name, "--certificate", certificate).stdout
            assert certificate in told and "gh_" not in told
        server.secret = server.command("keys", "add", "secret").stdout.split()[-1]
        yield server


def call(server, context, secret=None):
    """Status, code and the project that the log names."""
    link = connection(server, context)
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}]}
    link.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    answer = link.getresponse()
    said = json.loads(answer.read())
    mark = f'"id":"{answer.headers["x-gatehouse-request-id"]}"'
    until(lambda: mark in server.output, what="a line in the log")
    line = json.loads(next(line for line in server.output.splitlines() if mark in line))
    return answer.status, said.get("error", {}).get("code"), line.get("project")


def test_a_certificate_stands_for_its_key(known, authority):
    batch = authority.issue("batch", "URI:spiffe://intranet/batch,DNS:gpu7")
    web = authority.issue("web", "DNS:web.intranet")
    assert call(known, trusting(authority, batch)) == (200, None, "batch")
    assert call(known, trusting(authority, web)) == (200, None, "web")
    # A secret that comes with it wins, and is refused if it is wrong.
    assert call(known, trusting(authority, batch), known.secret) == (200, None, "default")
    assert call(known, trusting(authority, batch), "wrong")[:2] == (401, "key_invalid")


def test_a_certificate_that_no_key_or_several_know_is_no_key(known, authority):
    stranger = authority.issue("stranger", "URI:spiffe://intranet/other")
    both = authority.issue("both", "URI:spiffe://intranet/batch,DNS:web.intranet")
    assert call(known, trusting(authority, stranger))[:2] == (401, "key_missing")
    assert call(known, trusting(authority))[:2] == (401, "key_missing")
    assert call(known, trusting(authority, both))[:2] == (401, "key_invalid")
    assert '"certificate_ambiguous"' in known.output
    assert call(known, trusting(authority), known.secret) == (200, None, "default")


def test_keys_tell_their_certificates_and_end_with_them(ollama, authority):
    clients = {"authorities": authority.certificate}
    with node(ollama, authority.issue("server5"), clients=clients) as server:
        server.command("keys", "add", "batch", "--certificate", "uri:spiffe://intranet/batch")
        listed = json.loads(server.command("keys", "list", "--json").stdout)
        assert [(key["certificate"], key["secrets"]) for key in listed] == [("uri:spiffe://intranet/batch", 0)]
        assert "uri:spiffe://intranet/batch" in server.command("keys", "list").stdout
        again = server.command("keys", "add", "other", "--certificate", "uri:spiffe://intranet/batch", check=False)
        assert again.returncode == 1 and "is the certificate of key" in again.stderr
        wrong = server.command("keys", "add", "other", "--certificate", "batch", check=False)
        assert wrong.returncode == 1 and "is not dns:, uri: or email:" in wrong.stderr
        context = trusting(authority, authority.issue("batch2", "URI:spiffe://intranet/batch"))
        link = connection(server, context)
        assert ask(link, "hi")[0] == 200
        server.command("keys", "revoke", listed[0]["id"])
        assert ask(link, "hi")[0] == 401


def revocations(authority, *certificates):
    """The authority's list of certificates that it has taken back."""
    folder = authority.folder / "list"
    folder.mkdir(exist_ok=True)
    (folder / "index").touch()
    (folder / "config").write_text(
        f"[ca]\ndefault_ca=it\n[it]\ndatabase={folder}/index\ndefault_md=sha256\ndefault_crl_days=1\n"
    )
    signer = ["-config", folder / "config", "-cert", authority.certificate, "-keyfile", authority.key]
    for certificate in certificates:
        run("ca", *signer, "-revoke", certificate[0])
    run("ca", *signer, "-gencrl", "-out", folder / "revoked.pem")
    return folder / "revoked.pem"


def test_certificates_that_were_taken_back_are_refused_after_a_reload(ollama, tmp_path):
    authority = Authority(tmp_path / "authority")
    good, bad = authority.issue("good"), authority.issue("bad")
    clients = {"authorities": authority.certificate, "revoked": revocations(authority)}
    with node(ollama, authority.issue("server"), clients=clients) as server:
        for certificate in (good, bad):
            assert ask(connection(server, trusting(authority, certificate)), "hi")[0] == 200
        revocations(authority, bad)
        server.command("reload")
        assert ask(connection(server, trusting(authority, good)), "hi")[0] == 200
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            ask(connection(server, trusting(authority, bad)), "hi")


# What breaks


def test_what_is_no_tls_is_closed_and_counted(secured):
    before = handshakes(secured, "failed")
    for said in [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 70_000, b"\0" * 200_000]:
        with socket.create_connection(("127.0.0.1", secured.secure), timeout=20) as link:
            with contextlib.suppress(ConnectionError):
                link.sendall(said)
                while link.recv(4096):
                    pass
    with socket.create_connection(("127.0.0.1", secured.secure)):
        pass
    until(lambda: handshakes(secured, "failed") == before + 4, what="four failed handshakes")


@pytest.mark.timing
def test_a_handshake_that_stands_still_is_ended(secured):
    with socket.create_connection(("127.0.0.1", secured.secure), timeout=20) as link:
        link.sendall(b"\x16\x03\x01\x02\x00")
        began = time.monotonic()
        assert link.recv(100) == b""
        assert 9 < time.monotonic() - began < 15


def test_a_stream_goes_on_while_others_shake_hands(secured, authority):
    """Handshakes cost much more than chunks, and come in herds when a load balancer starts."""
    gaps, stop = [], threading.Event()

    def herd():
        context = trusting(authority)
        while not stop.is_set():
            with socket.create_connection(("127.0.0.1", secured.secure)) as link:
                context.wrap_socket(link, server_hostname="localhost").close()

    threads = [threading.Thread(target=herd, daemon=True) for _ in range(2)]
    link = connection(secured, trusting(authority))
    body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "stream": True}
    link.request("POST", "/v1/chat/completions", json.dumps(body))
    answer = link.getresponse()
    for thread in threads:
        thread.start()
    last = time.monotonic()
    while answer.readline():
        gaps.append(time.monotonic() - last)
        last = time.monotonic()
    stop.set()
    for thread in threads:
        thread.join()
    assert len(gaps) > 10 and max(gaps) < 2


# Files


def serial(server):
    text = hello(server).stdout
    shown = text[text.index("-----BEGIN") :]
    return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=shown, capture_output=True, text=True).stdout


def test_a_reload_shows_the_new_certificate_and_keeps_connections(ollama, authority):
    certificate = authority.issue("renewed")
    with node(ollama, certificate) as server:
        old = serial(server)
        link = connection(server, trusting(authority))
        assert ask(link, "hi")[0] == 200
        authority.issue("renewed")
        server.signal(signal.SIGHUP)
        until(lambda: serial(server) != old, what="the new certificate")
        assert ask(link, "hi")[0] == 200
        # A key that is not the certificate's: nothing changes.
        new = serial(server)
        certificate[1].write_bytes(authority.key.read_bytes())
        refused = server.command("reload", check=False)
        assert refused.returncode != 0 and "the key is not the certificate's" in refused.stdout + refused.stderr
        assert serial(server) == new


@pytest.mark.parametrize(
    "change, message",
    [
        ({"tls": None}, "speaks TLS, for which a section `tls` with `certificate` and `key` is needed"),
        ({"listeners": {}}, "no listener speaks TLS: write `https://` before the addresses"),
        ({"certificate": "nothing.pem"}, "nothing.pem: file cannot be opened: no such file or directory"),
        ({"certificate": "junk.pem"}, "no certificate can be read, expected PEM"),
        ({"key": {"file": "junk.key"}}, "no private key can be read, expected PEM, not encrypted"),
        ({"key": {"file": "locked.key"}}, "no private key can be read, expected PEM, not encrypted"),
        ({"key": {"file": "open.key"}}, "has the rights 0644, so that others could use its secret"),
        ({"key": {"file": "other.key"}}, "the key is not the certificate's"),
        ({"certificate": "weak.pem", "key": {"file": "weak.key"}}, "ee key too small"),
        ({"min_version": "1.1"}, "`1.1`"),
        ({"clients": {"authorities": "junk.pem"}}, "no certificate can be read, expected PEM"),
        ({"clients": {"authorities": "good.pem", "revoked": "junk.pem"}}, "no revocation list can be read, expected PEM"),
        ({"ciphers": "ALL"}, "`ciphers`"),
    ],
)
def test_mistakes_are_told(authority, tmp_path, change, message):
    good = authority.issue("good")
    (tmp_path / "junk.pem").write_text("junk\n")
    (tmp_path / "good.pem").write_bytes(good[0].read_bytes())
    for name, text in [("junk", "junk\n"), ("open", good[1].read_text())]:
        (tmp_path / f"{name}.key").write_text(text)
    (tmp_path / "junk.key").chmod(0o600)
    run("pkey", "-in", good[1], "-aes256", "-passout", "pass:secret", "-out", tmp_path / "locked.key")
    run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", tmp_path / "other.key")
    run(
        "req", "-x509", "-nodes", "-newkey", "rsa:1024", "-keyout", tmp_path / "weak.key", "-out", tmp_path / "weak.pem",
        "-subj", "/CN=weak",
    )  # fmt: skip
    for name in ("locked", "other", "weak"):
        (tmp_path / f"{name}.key").chmod(0o600)
    tls = {"certificate": good[0], "key": {"file": good[1]}}
    settings = {"tls": tls, "listeners": {"data": ["https://127.0.0.1:1"]}}
    settings |= change if set(change) <= set(settings) else {"tls": tls | change}
    if settings["tls"] is None:
        del settings["tls"]
    server = Gatehouse.__new__(Gatehouse)
    server.folder, server.config = tmp_path, tmp_path / "gatehouse.yaml"
    server.configuration = {
        "schema": 1, "state": str(tmp_path / "state"), **settings,
        "backends": {"gpu1": {"kind": "ollama", "zone": "loopback", "url": "http://127.0.0.1:1"}},
    }  # fmt: skip
    server.write()
    checked = server.command("check", check=False)
    assert checked.returncode == 2 and message in checked.stdout + checked.stderr


def test_pages_of_the_node_itself_may_call_over_tls(secured, authority):
    link = connection(secured, trusting(authority))
    for origin, status in [("https", 200), ("http", 403)]:
        link.request("GET", "/v1/models", headers={"Origin": f"{origin}://localhost:{secured.secure}"})
        answer = link.getresponse()
        answer.read()
        assert answer.status == status
