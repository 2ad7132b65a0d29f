"""The ways by which a prompt could leave where a provider outside is configured, tried. Numbers are those of the leak
list in the project's residency reference; `test_leaks.py` has those of a node that knows no provider."""

import contextlib
import hashlib
import hmac
import json
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gate import PROVIDER_KEY, Local, Node, Provider, allow, chat, manifest, policy, terms, turns
from harness import (
    BINARY,
    Canary,
    Gatehouse,
    RawUpstream,
    Simulated,
    answers,
    free_port,
    get,
    message,
    post,
    read_message,
    request,
    until,
)
from names import NameServer, Resolver
from certificates import NEW_KEY, authority, certificates, run, signed
from outside import Cloud, Namespace

ADDRESS = Provider.ADDRESS
LARGE = {"model": "m-large"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud")) as provider:
        yield provider


@pytest.fixture(scope="module")
def local():
    with Local("tiny") as server:
        yield server


@pytest.fixture(scope="module")
def beyond():
    """A network beyond a cable, with a public address."""
    namespace = Namespace.make()
    if namespace is None:
        pytest.skip("needs root, for a network namespace")
    yield namespace
    namespace.close()


@pytest.fixture(scope="module")
def shared(local, cloud):
    with Node({"gpu1": local.port}, cloud, policy(terms(cloud), allow()), manifest("tiny", "gone")) as node:
        yield node


@pytest.fixture
def node(shared, cloud):
    """A node on which all that is public may leave."""
    if shared.rules.read_text() != json.dumps(policy(terms(cloud), allow())):
        shared.take(policy(terms(cloud), allow()))
    return shared


def outcome(node, answer):
    """Status and reason of an answer, and what the chain says that became of its last intent, if it has any."""

    def told():
        kinds = [kind for kind, _ in node.records(answer)]
        return kinds and kinds.count("intent") == kinds.count("outcome")

    until(told, what="the record")
    results = [body["result"] for kind, body in node.records(answer) if kind == "outcome"]
    return answer.status, answer.headers["x-gatehouse-reason"], *results[-1:]


# L02: a mandatory proxy


class Proxy:
    """An HTTP proxy that makes tunnels (RFC 9110 section 9.3.6), and remembers where to."""

    def __init__(self):
        self.tunnels = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=self.socket.accept()[:1], daemon=True).start()

    def _serve(self, near):
        with near, contextlib.suppress(OSError):
            head, _ = read_message(near)
            method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
            self.tunnels.append((method, target, head))
            host, _, port = target.rpartition(":")
            with socket.create_connection((host, int(port))) as far:
                near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=self._copy, args=(far, near), daemon=True)
                back.start()
                self._copy(near, far)
                back.join()

    @staticmethod
    def _copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def test_l02_no_variable_leads_past_a_mandatory_proxy(local, cloud):
    proxy = Proxy()
    with Canary() as canary:
        wrong = f"http://127.0.0.1:{canary.port}"
        env = {"no_proxy": "*", "NO_PROXY": "*", "https_proxy": wrong, "HTTPS_PROXY": wrong, "ALL_PROXY": wrong}
        place = {"proxy": f"http://127.0.0.1:{proxy.port}"}
        rules = policy(terms(cloud), allow())
        seen = cloud.connections
        with Node({"gpu1": local.port}, cloud, rules, manifest("gone"), provider=place, env=env) as node:
            for _ in range(2):
                assert chat(node, "gone").headers["x-gatehouse-route"] == "external:provider"
            ((method, target, head),) = proxy.tunnels
            assert (method, target) == ("CONNECT", f"{cloud.address}:{cloud.port}")
            assert PROVIDER_KEY.encode() not in head and b"something" not in head, "it sees where to, and no more"
            assert cloud.connections == seen + 1, "the proxy's own"
            proxy.close()
            node.command("reload")  # It closes what is kept.
            answer = chat(node, "gone")
            assert outcome(node, answer) == (503, "backends_unavailable", "not_sent")
            assert cloud.connections == seen + 1


# L03: a redirect


@pytest.mark.parametrize("status", [302, 307])
def test_l03_a_redirect_from_outside_is_refused_too(status, local, tmp_path):
    ca, *certificate = certificates(tmp_path, f"IP:{ADDRESS}")
    with Canary() as canary:
        there = f"Location: https://127.0.0.1:{canary.port}/v1/chat/completions\r\n"
        with Provider(lambda c, *_: c.sendall(message("{}", status=status, extra=there)), certificate) as server:
            server.ca = ca
            with Node({"gpu1": local.port}, server, policy(terms(server), allow()), manifest("gone")) as node:
                answer = chat(node, "gone")
                assert outcome(node, answer) == (502, "redirect_refused", "failed") and "location" not in answer.headers
                assert len(server.requests) == 1


# L04: names


class Wire:
    """Remembers what passes on a cable: every packet of IPv4, and every question of who has an address."""

    ETH_P_ALL, IPV4, ARP = 3, 0x0800, 0x0806

    def __init__(self, interface):
        self.packets = []
        # Without a protocol it hears nothing until it is bound; else it would hear all interfaces until then.
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.bind((interface, self.ETH_P_ALL))
        self.socket.setblocking(False)

    @property
    def seen(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                data, (_, kind, *_) = self.socket.recvfrom(65536)
                if kind in (self.IPV4, self.ARP):
                    self.packets.append(data)
        return self.packets

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def test_l04_a_name_that_moves_is_not_followed(local, beyond, tmp_path):
    """The name server first gives a good address, then one of the other kind, then both."""
    public, private, port = beyond.far, "127.0.0.1", free_port()
    own = Resolver(tmp_path)
    names = {"provider.example": [public], "gpu1.lan.test": [private]}
    inside = f"http://gpu1.lan.test:{local.port}"
    with Cloud(tmp_path / "cloud", public, port, through=beyond.prefix) as provider, NameServer(names):
        place = {"url": f"https://provider.example:{port}"}
        rules = policy(terms(provider), allow())
        with Node(
            {"gpu1": inside}, provider, rules, manifest("tiny", "gone"), provider=place, through=own.through
        ) as node:
            assert chat(node, "gone").headers["x-gatehouse-route"] == "external:provider"
            assert chat(node, "tiny").headers["x-gatehouse-route"] == "local:gpu1"
            seen = provider.connections
            with Canary(private, port), Wire(beyond.cable) as wire:
                for outside, here, reason in [
                    ([private], [public], "addr_class"),
                    ([public, private], [private, public], "dns_mixed_answer"),
                ]:
                    names["provider.example"], names["gpu1.lan.test"] = outside, here
                    node.command("reload")

                    def refused():
                        status = node.status
                        return all(
                            (b["detail"] or "").startswith(reason) for b in status["external"] + status["backends"]
                        )

                    until(refused, what=f"both names to be refused for {reason}")
                    before = len(wire.seen)  # What was kept is closed; that is heard over there.
                    for model in ("gone", "tiny"):
                        answer = chat(node, model)
                        assert answer.status == 503 and reason in answer.json["error"]["message"]
                    assert len(wire.seen) == before
            assert provider.connections == seen
            names.update({"provider.example": [public], "gpu1.lan.test": [private]})
            node.command("reload")
            with Wire(beyond.cable) as wire:
                until(lambda: chat(node, "gone").status == 200, what="the provider at its own address")
                assert wire.seen, "this is the cable that it takes"
            until(lambda: chat(node, "tiny").headers["x-gatehouse-route"] == "local:gpu1", what="the local backend")


# L07: a kept connection


def test_l07_a_kept_connection_ends_with_the_rule(node, cloud):
    seen = cloud.connections
    node.command("reload")  # A connection of its own.
    for _ in range(2):
        assert chat(node, "gone").status == 200
    assert cloud.connections == seen + 1, "the second took the connection of the first"
    closed = len(cloud.events("closed"))
    node.take(policy(terms(cloud), allow(), {"id": "no", "effect": "deny"}))
    until(lambda: len(cloud.events("closed")) > closed, what="the end of the connection")
    requests = len(cloud.requests)
    assert outcome(node, chat(node, "gone"))[:2] == (403, "deny_rule")
    node.take(policy(terms(cloud)))
    assert chat(node, "gone").status == 503
    assert (cloud.connections, len(cloud.requests)) == (seen + 1, requests)


# L15: what else goes with a request


def test_l15_only_listed_headers_and_members_leave(local, cloud):
    with Node({"gpu1": local.port}, cloud, policy(terms(cloud), allow()), manifest("gone")) as node:
        hostile = {
            "Authorization": f"Bearer {node.key('secret-key-name')}",
            "Cookie": "session=secret-cookie",
            "X-Api-Key": "secret-api-key",
            "Api-Key": "secret-azure-key",
            "Proxy-Authorization": "Basic secret-proxy",
            "OpenAI-Organization": "secret-organisation",
            "OpenAI-Project": "secret-project",
            "X-Forwarded-For": "10.1.2.3",
            "Forwarded": "for=10.1.2.3",
            "X-Real-IP": "10.1.2.3",
            "Via": "1.1 secret-via",
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "tracestate": "secret=state",
            "baggage": "user=secret-user",
            "X-Request-Id": "secret-request",
            "Idempotency-Key": "secret-idempotency",
            "User-Agent": "secret-agent",
            "Accept-Language": "secret-language",
            "Referer": "http://secret-referer/",
            "x-gatehouse-conversation": "secret-conversation",
        }
        members = {
            "user": "secret-user",
            "safety_identifier": "secret-person",
            "metadata": {"name": "secret-metadata"},
            "prompt_cache_key": "secret-cache-key",
            "store": True,
            "service_tier": "priority",
            "prediction": {"type": "content", "content": "secret-prediction"},
            "x_secret": "secret-member",
            "temperature": 0.5,
        }
        answer = request(
            node.port,
            "POST",
            "/v1/chat/completions?secret=query",
            body={"model": "gone", "messages": turns("say something"), **members},
            headers=hostile,
        )
    assert answer.status == 200, answer.body
    sent = cloud.requests[-1]
    assert "secret" not in json.dumps(sent) and "10.1.2.3" not in json.dumps(sent)
    assert {name.lower(): value for name, value in sent["headers"]} == {
        "host": f"{cloud.address}:{cloud.port}",
        "authorization": f"Bearer {PROVIDER_KEY}",
        "user-agent": "gatehouse",
        "content-type": "application/json",
        "content-length": str(sent["bytes"]),
    }
    assert sent["path"] == "/v1/chat/completions"
    assert sent["body"] == {"model": "m-large", "messages": turns("say something"), "temperature": 0.5}
    dropped = answer.headers["x-gatehouse-dropped"].split(", ")
    assert set(dropped) == set(members) - {"temperature"}


# L16, L17: how sensitive a request is


@pytest.fixture(scope="module")
def tagged(local, cloud):
    """A node that asks for keys. What no tag speaks of is restricted, which is the policy's own default."""
    tags = [
        {"project": "press", "is": "public"},
        {"project": "marketing", "is": "internal"},
        {"key": "payroll", "is": "restricted"},
        {"project": "press", "feature": "interviews", "is": "confidential"},
    ]
    rules = policy(terms(cloud), allow(), sensitivity={"by_tag": tags})
    del rules["defaults"]
    with Node({"gpu1": local.port}, cloud, rules, manifest("tiny", "gone")) as node:
        node.keys = {
            name: node.key(name, project)
            for name, project in [
                ("press", "press"),
                ("press2", "press"),
                ("marketing", "marketing"),
                ("payroll", "press"),
            ]
        }
        node.keys["unnamed"] = node.key("unnamed")
        text = (node.folder / "keys.yaml").read_text()
        (node.folder / "keys.yaml").write_text(
            text.replace("name: press\n", "name: press\n    features: [interviews]\n")
        )
        node.command("reload")
        yield node


def refused(node, cloud, answer, sensitivity, sources):
    """It is kept here because it is so sensitive, and the chain says who said that."""
    assert outcome(node, answer)[:2] == (403, "sensitivity_too_high"), answer.body
    assert answer.headers["x-gatehouse-sensitivity"] == sensitivity
    ((_, decision),) = node.records(answer)
    assert (decision["sensitivity"], decision["sensitivity_sources"]) == (sensitivity, sources)
    return cloud.connections


def test_l16_a_caller_may_raise_and_not_lower(tagged, cloud):
    seen = cloud.connections
    keys = tagged.keys
    for said in (None, "public", "internal"):
        headers = {"x-gatehouse-sensitivity": said} if said else {}
        answer = chat(tagged, "gone", f"lower {said}", keys["marketing"], headers=headers)
        refused(tagged, cloud, answer, "internal", ["project"])
    answer = chat(tagged, "gone", "raise", keys["press"], headers={"x-gatehouse-sensitivity": "confidential"})
    assert refused(tagged, cloud, answer, "confidential", ["caller"]) == seen
    # What a proxy adds to the caller's own line is not lost behind it.
    with socket.create_connection(("127.0.0.1", tagged.port)) as raw:
        body = json.dumps({"model": "gone", "messages": turns("twice")}).encode()
        head = [
            "POST /v1/chat/completions HTTP/1.1", "Host: localhost", f"Authorization: Bearer {keys['press']}",
            "x-gatehouse-sensitivity: public", "x-gatehouse-sensitivity: restricted", f"Content-Length: {len(body)}",
        ]  # fmt: skip
        raw.sendall("\r\n".join([*head, "", ""]).encode() + body)
        assert raw.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert cloud.connections == seen
    answer = chat(tagged, "gone", "as it is", keys["press"], headers={"x-gatehouse-sensitivity": "public"})
    assert answer.status == 200 and answer.headers["x-gatehouse-sensitivity"] == "public"


def test_l17_what_nobody_speaks_of_is_restricted(tagged, cloud):
    seen = cloud.connections
    keys = tagged.keys
    refused(tagged, cloud, chat(tagged, "gone", "no tag", keys["unnamed"]), "restricted", ["default"])
    refused(tagged, cloud, chat(tagged, "gone", "the key's own", keys["payroll"]), "restricted", ["key"])
    answer = chat(tagged, "gone", "a feature", keys["press"], headers={"x-gatehouse-feature": "interviews"})
    refused(tagged, cloud, answer, "confidential", ["project", "feature"])
    for tag, name in [("project", "press"), ("project", "nobody"), ("feature", "else")]:
        answer = chat(tagged, "gone", "borrowed", keys["marketing"], headers={f"x-gatehouse-{tag}": name})
        assert (answer.status, answer.headers["x-gatehouse-reason"]) == (403, "key_forbidden")
    assert cloud.connections == seen


def test_l17_without_keys_a_tag_is_nobodys_word(local, cloud):
    seen = cloud.connections
    rules = policy(terms(cloud), allow(), sensitivity={"by_tag": [{"project": "press", "is": "public"}]})
    del rules["defaults"]
    with Node({"gpu1": local.port}, cloud, rules, manifest("gone")) as node:
        answer = chat(node, "gone", headers={"x-gatehouse-project": "press"})
        assert refused(node, cloud, answer, "restricted", ["default"]) == seen


# L20, L21: a local attempt that fails


def test_l20_a_stream_that_breaks_here_does_not_go_on_outside(cloud):
    seen = cloud.connections
    with Simulated("--tokens-per-second", "50") as server:
        names = manifest("llama3.2:3b")
        with Node({"gpu1": server.port}, cloud, policy(terms(cloud), allow()), names) as node:
            body = json.dumps({"model": "llama3.2:3b", "messages": turns("count to 5000"), "stream": True}).encode()
            with socket.create_connection(("127.0.0.1", node.port), timeout=20) as raw:
                head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
                raw.sendall(head.encode() + body)
                heard = b""
                while b'"content":" 2' not in heard:
                    heard += raw.recv(65536)
                server.signal(signal.SIGKILL)
                while b'"error"' not in heard:
                    heard += raw.recv(65536)
            assert b"x-gatehouse-route: local:gpu1" in heard and b"upstream_truncated" in heard
            assert b"[DONE]" not in heard and b"outside" not in heard.split(b"\r\n\r\n", 1)[1]
            until(lambda: node.status["requestsInFlight"] == 0, what="its end")
            assert cloud.connections == seen
            assert [kind for kind, _ in node.chain() if kind == "intent"] == []


@pytest.mark.parametrize("order", ["die", "begin"])
@pytest.mark.parametrize("stream", [False, True])
def test_l20_what_must_stay_is_not_tried_outside_after_a_failure_here(order, stream, cloud):
    seen = cloud.connections
    with Local("tiny") as flaky:
        with Node({"gpu1": flaky.port}, cloud, policy(terms(cloud), allow()), manifest("tiny")) as node:
            answer = chat(
                node, "tiny", f"please {order}", headers={"x-gatehouse-sensitivity": "internal"}, stream=stream
            )
            assert outcome(node, answer)[:2] == (403, "sensitivity_too_high")
            assert len(flaky.requests) == 1 and cloud.connections == seen


def test_l21_what_came_from_here_does_not_leave(cloud):
    """The prompt may leave, and does, after half of an answer came from here."""
    with Local("tiny") as flaky:
        with Node({"gpu1": flaky.port}, cloud, policy(terms(cloud), allow()), manifest("tiny")) as node:
            for text, stream in [("please begin", True), ("please part", False)]:
                answer = chat(node, "tiny", text, stream=stream)
                assert answer.headers["x-gatehouse-route"] == "external:provider"
                assert b"An " in answer.body and b"a local" not in answer.body
                sent = cloud.requests[-1]
                assert sent["body"]["messages"] == turns(text) and "a local" not in json.dumps(sent)
            seen = cloud.connections
            answer = chat(node, "tiny", "please part", stream=True)
            assert answer.headers["x-gatehouse-route"] == "local:gpu1" and b"upstream_truncated" in answer.body
            assert cloud.connections == seen, "its caller has heard of it, so that nobody else may go on"


# L22: conversations


@pytest.mark.parametrize("named", [True, False])
def test_l22_a_conversation_stays_as_sensitive_as_its_most_sensitive_turn(named, tagged, cloud):
    seen = cloud.connections
    keys = tagged.keys
    opening = f"an opening, named {named}"
    extra = {"x-gatehouse-conversation": "talk-1"} if named else {}
    # The first turn is answered here, so that no rule is asked.
    first = chat(tagged, "tiny", opening, keys["press"], headers={**extra, "x-gatehouse-sensitivity": "restricted"})
    assert first.headers["x-gatehouse-route"] == "local:gpu1"
    words = first.json["choices"][0]["message"]["content"]
    later = turns("another opening") if named else turns(opening, words, "and more")
    answer = chat(tagged, "gone", later, keys["press"], headers=extra)
    refused(tagged, cloud, answer, "restricted", ["conversation"])
    again = chat(tagged, "gone", later, keys["press"], headers={**extra, "x-gatehouse-sensitivity": "public"})
    refused(tagged, cloud, again, "restricted", ["conversation"])
    assert cloud.connections == seen
    # Another key's conversation of the same name, or with the same opening, is another one.
    assert chat(tagged, "gone", later, keys["press2"], headers=extra).status == 200
    other = {"x-gatehouse-conversation": "talk-2"} if named else {}
    assert chat(tagged, "gone", turns("quite another opening"), keys["press"], headers=other).status == 200


def test_l22_vectors_are_no_turns_of_one_conversation(tagged, cloud):
    key, seen = tagged.keys["press"], cloud.connections

    def embed(text, **headers):
        given = {"Authorization": f"Bearer {key}", "x-gatehouse-verbose": "1", **headers}
        return post(tagged.port, "/v1/embeddings", {"model": "m-large", "input": text}, headers=given)

    answer = embed("one", **{"x-gatehouse-sensitivity": "restricted"})
    refused(tagged, cloud, answer, "restricted", ["caller"])
    assert cloud.connections == seen
    assert embed("another").status == 200
    named = {"x-gatehouse-conversation": "vectors"}
    refused(tagged, cloud, embed("one", **named, **{"x-gatehouse-sensitivity": "restricted"}), "restricted", ["caller"])
    refused(tagged, cloud, embed("another", **named), "restricted", ["conversation"])


def test_l22_what_a_turn_was_counts_also_for_a_rule_that_comes_later(tagged, cloud):
    seen, rules = cloud.connections, json.loads(tagged.rules.read_text())
    tagged.take({**rules, "rules": []})
    opening, keys = "an opening before the rule", tagged.keys
    raised = {"x-gatehouse-sensitivity": "confidential"}
    first = chat(tagged, "tiny", opening, keys["press"], headers=raised)
    plain = chat(tagged, "tiny", "a plain opening", keys["unnamed"])
    assert (first.status, plain.status) == (200, 200)
    tagged.take(rules)
    answer = chat(tagged, "gone", turns(opening, "words", "and more"), keys["press"])
    refused(tagged, cloud, answer, "confidential", ["conversation"])
    assert cloud.connections == seen
    # That nothing was known of a key is no word on its conversations.
    rules["sensitivity"]["by_tag"].append({"key": "unnamed", "is": "public"})
    tagged.take(rules)
    assert chat(tagged, "gone", turns("a plain opening", "words", "and more"), keys["unnamed"]).status == 200


# L27: what nobody asked for


@pytest.mark.parametrize("kind", ["no policy", "no rule", "deny all", "allow"])
def test_l27_nothing_goes_outside_that_no_request_sends(kind, beyond, tmp_path):
    own = Resolver(tmp_path)
    rounds = []
    probes = {"/api/version": lambda: rounds.append(0) or {"version": "0.33.0"}}
    with Cloud(tmp_path / "cloud", beyond.far, through=beyond.prefix) as provider:
        rules = {
            "no policy": None,
            "no rule": policy(terms(provider)),
            "deny all": policy(terms(provider), {"id": "no", "effect": "deny", "hard": True}),
            "allow": policy(terms(provider), allow()),
        }[kind]
        place = {"url": f"https://provider.example:{provider.port}"}
        with RawUpstream(Local.answer, probes=probes) as upstream, Wire(beyond.cable) as wire:
            upstream.script = lambda connection, head, body: Local.whole(connection, json.loads(body), "fine", "stop")
            names = NameServer({"provider.example": [beyond.far]})
            with names, Node(
                {"gpu1": upstream.port}, provider, rules, manifest("tiny", "gone"), provider=place,
                health={"interval": "100ms"}, through=own.through,
            ) as node:  # fmt: skip
                assert chat(node, "tiny").status == 200
                if kind != "allow":
                    for model in ("gone", "m-large"):
                        assert chat(node, model).status in (403, 503)
                for command in (
                    ["status"],
                    ["check"],
                    ["policy", "lint"],
                    ["reload"],
                    ["doctor", f"127.0.0.1:{upstream.port}"],
                ):
                    node.command(*command, check=False)
                before = len(rounds)
                until(lambda: len(rounds) >= before + 15, what="15 further rounds of probes")
                assert wire.seen == [] and provider.connections == 0
                # Where some request may go there, its address must be known before it comes.
                assert names.asked == ({"provider.example"} if kind == "allow" else set())
                if kind == "allow":
                    assert chat(node, "gone").status == 200
                    assert provider.connections == 1 and wire.seen, "the cable is the one that it takes"


# L30: who the provider is


@pytest.fixture(scope="module")
def impostor(tmp_path_factory, local):
    """An impostor, the certificates that it can show, and a node that trusts one authority."""
    folder = tmp_path_factory.mktemp("impostor")
    good, other = authority(folder / "good"), authority(folder / "other")
    here = f"IP:{ADDRESS}"
    shown = {
        "right": signed(folder, good, here, name="right"),
        "another authority": signed(folder, other, here, name="other"),
        "another host": signed(folder, good, "IP:127.0.0.9", "DNS:localhost", name="host"),
        "expired": signed(folder, good, here, name="expired", days=-1),
        "self-signed": (folder / "own.pem", folder / "own.key"),
    }
    own = shown["self-signed"]
    run(
        "req",
        "-x509",
        *NEW_KEY,
        "-keyout",
        own[1],
        "-out",
        own[0],
        "-subj",
        "/CN=own",
        "-addext",
        f"subjectAltName={here}",
    )
    with Provider(lambda connection, *_: Local.whole(connection, LARGE, "from outside", "stop")) as server:
        server.shown, server.ca = shown, good[0]
        rules = policy(terms(server), allow())
        place = {"breaker": {"failures": 1000}}
        with Node({"gpu1": local.port}, server, rules, manifest("gone"), provider=place) as node:
            server.node = node
            yield server


def meet(impostor, certificate, version=None):
    """What a request comes to with a server that shows this."""
    impostor.show(*impostor.shown[certificate], version=version)
    heard, tried = len(impostor.requests), impostor.connections
    answer = chat(impostor.node, "gone", "a secret word")
    assert impostor.connections == tried + 1, "it was asked once"
    return (*outcome(impostor.node, answer), impostor.requests[heard:])


@pytest.mark.parametrize("certificate", ["another authority", "another host", "expired", "self-signed"])
def test_l30_a_provider_that_is_somebody_else_hears_nothing(certificate, impostor):
    assert meet(impostor, certificate) == (502, "tls_identity", "not_sent", [])


def test_l30_a_provider_that_is_who_it_should_be_is_sent_the_request(impostor):
    impostor.node.command("reload")
    *found, ((_, body),) = meet(impostor, "right")
    assert found == [200, "allow_rule", "completed"] and b"a secret word" in body


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "version, result", [("TLSv1", None), ("TLSv1_1", None), ("TLSv1_2", "completed"), ("TLSv1_3", "completed")]
)
def test_l30_an_old_protocol_is_no_protection(version, result, impostor):
    impostor.node.command("reload")
    found = meet(impostor, "right", getattr(ssl.TLSVersion, version))
    if result:
        assert found[:3] == (200, "allow_rule", result)
    else:
        assert found == (503, "backends_unavailable", "not_sent", [])


def test_l30_another_key_than_the_pinned_ones_hears_nothing(impostor):
    key = impostor.shown["right"][1]
    public = subprocess.run(
        ["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], capture_output=True, check=True
    )
    digest = subprocess.run(
        ["openssl", "base64", "-A"], input=hashlib.sha256(public.stdout).digest(), capture_output=True
    )
    pin, wrong = digest.stdout.decode(), "A" * 43 + "="
    impostor.node.take(policy(terms(impostor, pins=[wrong]), allow()))
    assert meet(impostor, "right") == (502, "tls_identity", "not_sent", [])
    impostor.node.take(policy(terms(impostor, pins=[wrong, pin]), allow()))
    assert meet(impostor, "right")[:2] == (200, "allow_rule")
    impostor.node.take(policy(terms(impostor), allow()))


# L33: changing the rules from where requests come


def test_l33_the_data_plane_changes_no_rule(node, cloud):
    before = node.status["policy"]
    text = json.dumps(policy(terms(cloud), allow(sensitivity="restricted")))
    paths = ["/admin", "/admin/policy", "/admin/reload", "/policy", "/policy.yaml", "/v1/policy", "/gatehouse.yaml"]
    paths += ["/status", "/requests", "/models", "/health/policy", "/usage", "/reload", "/keys", "/audit", "/metrics"]
    paths += ["/backends/provider/drain", "/backends/provider/release"]
    for path in paths:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            answer = request(node.port, method, path, body=text)
            assert answer.status in (403, 404, 405, 501), (method, path, answer.status)
            answer = request(node.operations, method, path, body=text)
            assert path == "/metrics" and method == "GET" or answer.status in (404, 405, 501), (
                method,
                path,
                answer.status,
            )
    assert node.status["policy"] == before


# L34: a policy that is broken


def broken_policies(cloud):
    good = json.dumps(policy(terms(cloud), allow()))
    start = "schema: 1\nrevision: r\n"
    return {
        "empty": "",
        "blank": "\n\n# nothing\n",
        "half written": good[: len(good) // 2],
        "unknown key": start + "allow: everything\n",
        "unknown key in a rule": good.replace('"effect"', '"efect"'),
        "anchors": start + "defaults: &d {sensitivity: public}\nsensitivity: *d\n",
        "merge key": start + "defaults:\n  <<: {sensitivity: public}\n",
        "twice the same key": good.replace('"rules"', '"rules": [], "rules"'),
        "two documents": good + "\n---\n" + good,
        "no text": "\0\1\2",
        "a later schema": good.replace('"schema": 1', '"schema": 2'),
        "a backend that is not there": good.replace('"provider"', '"another"'),
        "another jurisdiction": good.replace('"EU"', '"US"'),
        "report": json.dumps({**policy(terms(cloud), allow()), "mode": "report"}),
    }


def test_l34_a_broken_policy_is_refused_and_the_last_good_one_stays(node, cloud):
    good, reloads = node.status["policy"], node.status["reloads"]
    good_text = node.rules.read_text()
    for what, text in broken_policies(cloud).items():
        node.put(text)
        done = node.command("reload", check=False)
        assert done.returncode != 0 and "policy.yaml" in done.stdout + done.stderr, what
        status = node.status
        assert status["policy"] == good and status["reloads"] == reloads, what
        assert chat(node, "gone").headers["x-gatehouse-reason"] == "allow_rule", what
        raised = chat(node, "gone", f"stays: {what}", headers={"x-gatehouse-sensitivity": "internal"})
        assert raised.headers["x-gatehouse-reason"] == "sensitivity_too_high", what
    node.put(broken_policies(cloud)["half written"])
    os.kill(node.pid, signal.SIGHUP)
    until(lambda: "the configuration was not reloaded, nothing changes" in node.output, what="the refusal in the log")
    assert node.status["policy"] == good and get(node.operations, "/readyz").status == 200
    assert "[-]configuration the reload at " in get(node.operations, "/readyz?verbose").body.decode()
    assert "gatehouse_reload_refused 1" in get(node.operations, "/metrics").body.decode()
    assert any("was refused" in warning for warning in node.status["warnings"])
    node.take(good_text)
    assert "[+]configuration" in get(node.operations, "/readyz?verbose").body.decode()
    assert "gatehouse_reload_refused 0" in get(node.operations, "/metrics").body.decode()


@pytest.mark.parametrize("what", ["empty", "half written", "unknown key", "twice the same key"])
def test_l34_nothing_starts_with_a_broken_policy(what, shared, cloud, tmp_path):
    for name in ("gatehouse.yaml", "models.manifest"):
        text = (shared.folder / name).read_text().replace(str(shared.folder / "state"), str(tmp_path / "state"))
        (tmp_path / name).write_text(text)
    (tmp_path / "policy.yaml").write_text(broken_policies(cloud)[what])
    command = [BINARY, "serve", "--config", tmp_path / "gatehouse.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "policy.yaml:" in done.stdout + done.stderr, done.stdout + done.stderr


def test_l34_a_policy_without_rules_and_a_missing_one_deny_everything(node, cloud):
    seen = cloud.connections
    node.take("schema: 1\nrevision: nothing\n")
    assert chat(node, "gone").status == 503
    assert chat(node, "m-large").headers["x-gatehouse-reason"] == "no_matching_allow"
    node.rules.unlink()
    node.command("reload")
    assert "policy" not in node.status
    assert chat(node, "gone").status == 503
    assert chat(node, "m-large").headers["x-gatehouse-reason"] == "no_matching_allow"
    assert chat(node, "tiny").status == 200
    assert cloud.connections == seen


# L36: the intent comes first


def test_l36_every_request_at_the_provider_has_its_intent_on_the_disk(local, tmp_path):
    """The provider itself looks, in the moment in which a request arrives there."""
    ca, *certificate = certificates(tmp_path, f"IP:{ADDRESS}")
    looked = []

    def look(connection, head, body):
        """How many committed records tell of this very body."""
        key = (node.state / "commitment.key").read_bytes()
        commitment = hmac.new(key, body, hashlib.sha256).hexdigest()
        sql = "SELECT count(*) FROM audit WHERE kind = 'intent' AND CAST(body AS TEXT) ->> '$.body_hmac' = ?"
        with contextlib.closing(node.database("audit")) as database:
            looked.append(database.execute(sql, [commitment]).fetchone()[0])
        Local.whole(connection, LARGE, "from outside", "stop")

    with Provider(look, certificate) as witness:
        witness.ca = ca
        rules = policy(terms(witness), allow())
        with Node({"gpu1": local.port}, witness, rules, manifest("gone"), provider={"slots": 16}) as node:
            with ThreadPoolExecutor(8) as pool:
                answered = list(pool.map(lambda number: chat(node, "gone", f"number {number}").status, range(40)))
            assert answered == [200] * 40
            assert looked == [1] * 40


# L37: an audit chain that cannot be written


@contextlib.contextmanager
def locked(node):
    """Another program writes to the file, and does not end."""
    with contextlib.closing(sqlite3.connect(node.state / "audit.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def unavailable(node, cloud):
    """Nothing leaves, and local work goes on."""
    seen = cloud.connections, len(cloud.requests)
    for model in ("gone", "m-large"):
        answer = chat(node, model)
        assert (answer.status, answer.headers["x-gatehouse-reason"]) == (503, "audit_unavailable"), answer.body
        assert "nothing leaves without a record" in answer.json["error"]["message"]
    assert chat(node, "tiny").headers["x-gatehouse-route"] == "local:gpu1"
    assert (cloud.connections, len(cloud.requests)) == seen


def holds(node, cloud, before):
    """The chain is whole, and every request that the provider saw has its intent and its outcome."""
    until(lambda: node.status["auditIntents"] <= node.status["auditOutcomes"], what="the outcomes")
    report = json.loads(node.command("audit", "verify", "--json", check=False).stdout)
    assert report["whole"] and report["departures"]["open"] == 0, report
    results = [body["result"] for kind, body in node.chain() if kind == "outcome"]
    assert results.count("completed") == len(cloud.requests) - before
    assert set(results) <= {"completed", "not_sent"}


def test_l37_a_locked_chain_keeps_everything_here(local, cloud):
    before = len(cloud.requests)
    with Node({"gpu1": local.port}, cloud, policy(terms(cloud), allow()), manifest("tiny", "gone")) as node:
        assert chat(node, "gone").status == 200
        with locked(node):
            unavailable(node, cloud)
        until(lambda: chat(node, "gone").status == 200, what="the provider again")
        holds(node, cloud, before)


def test_l37_a_full_disk_keeps_everything_here(local, cloud, tmp_path):
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", tmp_path]).returncode:
        pytest.skip("needs root, to mount a small file system")
    before = len(cloud.requests)
    rules = policy(terms(cloud), allow())
    try:
        with Node({"gpu1": local.port}, cloud, rules, manifest("tiny", "gone"), state=str(tmp_path / "state")) as node:
            assert chat(node, "gone").status == 200
            with open(tmp_path / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
                while True:
                    filler.write(b"x" * 4096)
            until(lambda: chat(node, "gone").headers["x-gatehouse-reason"] == "audit_unavailable", what="the full disk")
            unavailable(node, cloud)
            (tmp_path / "filler").unlink()
            until(lambda: chat(node, "gone").status == 200, what="the provider again")
            holds(node, cloud, before)
    finally:
        subprocess.run(["umount", "-l", tmp_path], check=True)


def test_l37_a_chain_that_is_read_only_keeps_everything_here(local, cloud):
    before = len(cloud.requests)
    with Node({"gpu1": local.port}, cloud, policy(terms(cloud), allow()), manifest("tiny", "gone")) as node:
        assert chat(node, "gone").status == 200
        node.stop()
        file = node.state / "audit.sqlite"
        if os.geteuid() != 0 or subprocess.run(["mount", "--bind", file, file]).returncode:
            pytest.skip("needs root, to make a file read-only for root")
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", file], check=True)
            node.again()
            unavailable(node, cloud)
            assert get(node.operations, "/health").json == {"status": "warn"}
        finally:
            node.stop()
            subprocess.run(["umount", file], check=True)
        node.again()
        assert chat(node, "gone").status == 200
        holds(node, cloud, before)


def test_l36_a_caller_who_leaves_while_the_intent_is_written_has_nothing_sent(local, cloud):
    seen = cloud.connections
    with Node({"gpu1": local.port}, cloud, policy(terms(cloud), allow()), manifest("gone")) as node:
        body = json.dumps({"model": "gone", "messages": turns("say something")}).encode()
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
        with locked(node), socket.create_connection(("127.0.0.1", node.port)) as raw:
            raw.sendall(head + body)
            until(lambda: "gatehouse_audit_records_queued 1" in node.metrics, what="the intent in the queue")
            raw.close()
            until(lambda: node.status["requestsInFlight"] == 0, what="the end of the request")
        until(lambda: any(kind == "outcome" for kind, _ in node.chain()), what="the outcome")
        (outcome,) = [body for kind, body in node.chain() if kind == "outcome"]
        assert (outcome["result"], outcome["reason"]) == ("not_sent", "client_left")
        assert cloud.connections == seen
        holds(node, cloud, len(cloud.requests))


# L42: a node that is not ready, and asked all the same


def enforces(node, cloud):
    """It refuses what it must, and lets go what may go."""
    seen = cloud.connections
    answer = chat(node, "gone", "stays here", headers={"x-gatehouse-sensitivity": "internal"})
    assert (answer.status, answer.headers["x-gatehouse-reason"]) == (403, "sensitivity_too_high")
    answer = chat(node, "gone", headers={"x-gatehouse-external": "never"})
    assert (answer.status, answer.headers["x-gatehouse-reason"]) == (403, "external_declined")
    assert cloud.connections == seen
    assert chat(node, "gone").headers["x-gatehouse-reason"] == "allow_rule"


def test_l42_a_node_that_drains_asks_the_policy_still(local, cloud):
    drain = {"delay": "10s", "timeout": "1s"}
    with Node(
        {"gpu1": local.port}, cloud, policy(terms(cloud), allow()), manifest("tiny", "gone"), drain=drain
    ) as node:
        os.kill(node.pid, signal.SIGTERM)
        until(lambda: get(node.operations, "/readyz").status == 503, what="a node that is not ready")
        enforces(node, cloud)
        os.kill(node.pid, signal.SIGTERM)  # The second waits no longer.
        assert node.wait() == 0


def test_l42_a_node_without_backends_asks_the_policy_still(cloud):
    with Node(
        {"gpu1": free_port()}, cloud, policy(terms(cloud), allow()), manifest("tiny", "gone"), wait=False
    ) as node:
        until(lambda: answers(node.operations, "/startupz", status=200), what="the start")
        assert get(node.operations, "/readyz").status == 503
        enforces(node, cloud)


def test_l42_a_node_that_knows_nothing_yet_lets_nothing_out(cloud):
    """No backend has told yet what it has. That it is not known is no reason to ask outside: the request waits for it."""
    asked, silence = threading.Event(), threading.Event()

    def version():
        asked.set()
        return silence.wait(20) and {"version": "0.33.0"}

    seen = cloud.connections
    with RawUpstream(probes={"/api/version": version}) as upstream, ThreadPoolExecutor(1) as pool:
        terms_of = policy(terms(cloud), allow())
        with Node({"gpu1": upstream.port}, cloud, terms_of, manifest("gone"), wait=False) as node:
            assert asked.wait(20)
            until(lambda: answers(node.operations, "/livez", status=200), what="the start")
            begun = time.monotonic()
            answer = pool.submit(chat, node, "gone")
            # Less than what a probe may take, so that nothing is known of its backend meanwhile.
            while time.monotonic() < begun + 0.5 and not answer.done():
                assert cloud.connections == seen
                time.sleep(0.02)
            assert not answer.done() or answer.result().status == 503
            silence.set()
            answer.result()