"""The gate from outside: what lets a request out, what keeps it, what its caller is told and what is recorded."""

import contextlib
import json
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import anthropic
import ollama as ollama_sdk
import openai
import pytest

from gate import PROVIDER_KEY, TRIGGERS, Local, Node, Provider, allow, chat, manifest, policy, terms, turns
from harness import STREAM_HEAD, Gatehouse, Simulated, chunk, post, until
from certificates import certificates
from outside import Cloud

OUTSIDE = "An answer from outside."
MODES = ["whole", "stream"]
MODELS = ["tiny", "gone", *(f"{name}-{mode}" for name in ("busy", "full", "wait") for mode in MODES)]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud")) as provider:
        yield provider


@pytest.fixture(scope="module")
def local():
    with Local(*(name for name in MODELS if name != "gone")) as server:
        yield server


@pytest.fixture(scope="module")
def shared(local, cloud):
    """A node whose waits are short: `gone` is on no backend, and the last models have one slot each."""
    names = manifest(*MODELS)
    for name in MODELS[2:]:
        names["models"][name] = {**names["models"][name], "slots": 1}
    limits = {"queue_per_model": 1, "queue_target": "150ms", "first_token": {"cold": "300ms", "external": "400ms"}}
    breaker = {"failures": 1000}
    with Node(
        {"gpu1": local.port}, cloud, policy(terms(cloud), allow()), names, limits=limits, breaker=breaker
    ) as node:
        yield node


@pytest.fixture
def node(shared, cloud):
    """The same, where all that is public may leave."""
    if json.loads(shared.rules.read_text()) != policy(terms(cloud), allow()):
        shared.take(policy(terms(cloud), allow()))
    return shared


def client(node, key="none"):
    url = f"http://127.0.0.1:{node.port}/v1"
    return openai.OpenAI(base_url=url, api_key=key, max_retries=0, default_headers={"x-gatehouse-verbose": "1"})


def read(raw, mode):
    """Text and model of an answer."""
    answer = raw.parse()
    if mode == "whole":
        return answer.choices[0].message.content, answer.model
    chunks = list(answer)
    assert chunks[-1].choices[0].finish_reason == "stop"
    return "".join(c.choices[0].delta.content or "" for c in chunks), chunks[0].model


@contextlib.contextmanager
def trouble(trigger, mode, node, local):
    """Makes it so that local will not do, and gives the request that finds it out."""
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    ask = {"model": "tiny", "messages": turns("say something")}
    if trigger == "local_down":
        yield {**ask, "model": "gone"}
    elif trigger == "context_overflow":
        yield {**ask, "messages": turns("many words " * 2000)}
    elif trigger == "capability_missing":
        yield {**ask, "tools": [tool]}
    elif trigger == "caller_requested":
        yield {**ask, "model": "m-large"}
    elif trigger == "local_timeout":
        with local.occupied(node, f"wait-{mode}"):  # Nothing is known of it yet, so it waits up to the target.
            yield {**ask, "model": f"wait-{mode}"}
    else:
        with local.occupied(node, f"busy-{mode}"):
            time.sleep(0.3)  # For so long an answer takes here: longer than the target.
        with local.occupied(node, f"busy-{mode}"):
            yield {**ask, "model": f"busy-{mode}"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_request_leaves_where_local_will_not_do(trigger, mode, node, local, cloud):
    seen = len(cloud.requests)
    with trouble(trigger, mode, node, local) as ask:
        raw = client(node).chat.completions.with_raw_response.create(**ask, stream=mode == "stream")
        assert read(raw, mode) == (OUTSIDE, "m-large")
    told = {name.removeprefix("x-gatehouse-"): value for name, value in raw.headers.items()}
    assert (told["route"], told["reason"]) == ("external:provider", "allow_rule")
    assert (told["sensitivity"], told["model"], told["attempts"]) == ("public", "m-large", "1")
    assert told["decision-id"] == told["request-id"]
    (sent,) = cloud.requests[seen:]
    assert sent["path"] == "/v1/chat/completions"
    assert (sent["body"]["model"], sent["body"]["messages"]) == ("m-large", ask["messages"])
    until(lambda: len(node.records(told["request-id"])) == 2, what="intent and outcome")
    (first, intent), (last, outcome) = node.records(told["request-id"])
    assert (first, intent["trigger"], intent["rule_id"], intent["decision"]) == ("intent", trigger, "open", "external")
    assert (intent["sensitivity"], intent["sensitivity_sources"], intent["revision"]) == (
        "public",
        ["default"],
        "story",
    )
    assert (intent["jurisdiction"], intent["addresses"]) == ("EU", [f"{cloud.address}:{cloud.port}"])
    assert intent["bytes_out"] == sent["bytes"] == outcome["bytes_out"]
    assert (last, outcome["result"], outcome["status"], outcome["output_tokens"]) == ("outcome", "completed", 200, 4)


@pytest.mark.parametrize("mode", MODES)
def test_a_full_queue_is_saturation_too(mode, node, local):
    model = f"full-{mode}"
    with local.occupied(node, model), ThreadPoolExecutor(1) as pool:
        waits = pool.submit(chat, node, model, headers={"x-gatehouse-external": "never"})
        until(lambda: node.status["queues"] == [{"model": f"{model}:latest", "length": 1}], what="one who waits")
        raw = client(node).chat.completions.with_raw_response.create(
            model=model, messages=turns("say something"), stream=mode == "stream"
        )
        assert read(raw, mode) == (OUTSIDE, "m-large")
        assert node.records(raw.headers["x-gatehouse-request-id"])[0][1]["trigger"] == "local_saturated"
        local.free(model)
        kept = waits.result()
        assert kept.status == 200 and kept.headers["x-gatehouse-route"] == "local:gpu1", "who may not leave waits"


@pytest.mark.parametrize("order, mode, trigger", [("die", "whole", "local_down"), ("hold", "stream", "local_timeout")])
def test_a_request_leaves_after_a_local_attempt_came_to_nothing(order, mode, trigger, node, local):
    local.held["tiny"].clear()
    raw = client(node).chat.completions.with_raw_response.create(
        model="tiny", messages=turns(f"please {order}"), stream=mode == "stream"
    )
    assert read(raw, mode) == (OUTSIDE, "m-large") and raw.headers["x-gatehouse-attempts"] == "2"
    identity = raw.headers["x-gatehouse-request-id"]
    _, intent = node.records(identity)[0]
    assert (intent["trigger"], intent["attempt"]) == (trigger, 2)
    until(lambda: len(node.records(identity)) == 2, what="the outcome")
    page = node.command("requests", "show", identity).stdout
    assert (
        "attempt 1      gpu1, tiny:latest: upstream_" in page and "attempt 2      provider, m-large: completed" in page
    )
    assert f"allow provider for {trigger}: allow_rule, rule open" in page


def test_completions_and_embeddings_leave_too(node, cloud):
    ask = client(node)
    raw = ask.completions.with_raw_response.create(model="m-large", prompt="once")
    assert raw.headers["x-gatehouse-route"] == "external:provider"
    vectors = ask.embeddings.create(model="m-large", input=["one", "two"])
    assert [len(one.embedding) for one in vectors.data] == [2, 2]
    assert [r["path"] for r in cloud.requests[-2:]] == ["/v1/completions", "/v1/embeddings"]


# Refusals


def test_a_refusal_is_each_dialects_own(node, cloud):
    seen = cloud.connections
    raised = {"x-gatehouse-sensitivity": "restricted", "x-gatehouse-verbose": "1"}
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client(node).chat.completions.create(model="gone", messages=turns("stays here"), extra_headers=raised)
    told = refused.value.response.headers
    assert refused.value.code == told["x-gatehouse-reason"] == "sensitivity_too_high"
    assert (told["x-gatehouse-route"], told["x-gatehouse-sensitivity"]) == ("none", "restricted")
    words = refused.value.body["message"]
    assert "counts as restricted" in words and "(rule open)" in words and "wait for a local backend" in words
    assert f"decision {told['x-gatehouse-decision-id']}" in words
    until(lambda: node.records(told["x-gatehouse-request-id"]), what="the record")
    ((kind, decision),) = node.records(told["x-gatehouse-request-id"])
    assert (kind, decision["decision"], decision["reason"]) == ("decision", "deny", "sensitivity_too_high")
    assert (decision["trigger"], decision["rule_id"], decision["sensitivity_sources"]) == (
        "local_down",
        "open",
        ["caller"],
    )

    with anthropic.Anthropic(base_url=f"http://127.0.0.1:{node.port}", api_key="none", max_retries=0) as ask:
        with pytest.raises(anthropic.PermissionDeniedError) as refused:
            ask.messages.create(model="gone", max_tokens=9, messages=turns("stays here"), extra_headers=raised)
    assert refused.value.body["error"]["code"] == "sensitivity_too_high"
    assert "counts as restricted" in refused.value.body["error"]["message"]

    with pytest.raises(ollama_sdk.ResponseError) as refused:
        ollama_sdk.Client(f"http://127.0.0.1:{node.port}", headers=raised).chat("gone", turns("stays here"))
    assert refused.value.status_code == 403 and "counts as restricted" in refused.value.error

    for path in ("/v1/chat/completions", "/v1/completions", "/v1/embeddings"):
        body = {"model": "m-large", "messages": turns("stays"), "prompt": "stays", "input": "stays", "stream": True}
        answer = post(node.port, path, body, headers=raised)
        assert (answer.status, answer.headers["content-type"]) == (403, "application/json"), path
    assert cloud.connections == seen


def test_a_caller_may_keep_a_request_here(node, cloud):
    seen = cloud.connections
    kept = chat(node, "gone", headers={"x-gatehouse-external": "never"})
    assert (kept.status, kept.json["error"]["code"]) == (403, "external_declined")
    assert "leave that out" in kept.json["error"]["message"]
    assert chat(node, "tiny", headers={"x-gatehouse-external": "never"}).status == 200
    for name, value in [
        *(("x-gatehouse-sensitivity", value) for value in ("secret", "Restricted", "")),
        *(("x-gatehouse-external", value) for value in ("no", "Never")),
    ]:
        bad = chat(node, "tiny", headers={name: value})
        assert (bad.status, bad.json["error"]["code"]) == (400, "invalid_field") and name in bad.json["error"][
            "message"
        ]
    assert cloud.connections == seen


def test_without_a_rule_it_is_an_outage(node, cloud):
    seen = cloud.connections
    node.take(policy(terms(cloud)))
    answer = chat(node, "gone")
    assert answer.status == 503 and answer.headers["retry-after"]
    assert "provider may not be asked (no_matching_allow)" in answer.json["error"]["message"]
    asked = chat(node, "m-large")
    assert (asked.status, asked.json["error"]["code"]) == (403, "no_matching_allow"), "waiting would change nothing"
    assert cloud.connections == seen
    (outside,) = node.status["external"]
    assert (outside["state"], outside["addresses"]) == ("closed", []) and "no rule" in outside["detail"]


def test_other_dialects_leave_by_the_same_gate(node, cloud):
    """They are translated, and the policy is asked about what they become."""
    bodies = {
        "/v1/messages": {"messages": turns("hi"), "max_tokens": 9}, "/v1/responses": {"input": "hi"},
        "/v1/completions": {"prompt": "hi"}, "/api/chat": {"messages": turns("hi")}, "/api/generate": {"prompt": "hi"},
        "/api/embed": {"input": "hi"},
    }  # fmt: skip
    for path, body in bodies.items():
        body = {"model": "m-large", "stream": False, **body}
        seen = cloud.connections
        raised = {"x-gatehouse-sensitivity": "restricted", "x-gatehouse-conversation": "raised " + path}
        refused = post(node.port, path, body, headers=raised)
        assert refused.headers["x-gatehouse-reason"] == "sensitivity_too_high", (path, refused.body)
        declined = post(node.port, path, body, headers={"x-gatehouse-external": "never"})
        assert declined.headers["x-gatehouse-reason"] == "external_declined", (path, declined.body)
        assert cloud.connections == seen
        answer = post(node.port, path, body)
        assert (answer.status, answer.headers["x-gatehouse-route"]) == (200, "external:provider"), (path, answer.body)
        assert [kind for kind, _ in node.records(answer)][:1] == ["intent"], path


# Rules


def clock(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%H:%M")


@pytest.mark.parametrize(
    "rule, reason",
    [
        (allow(triggers=["local_saturated"]), "trigger_forbidden"),
        (allow(time={"from": clock(2), "to": clock(3)}), "time_forbidden"),
        (allow(limits={"bytes": 60}), "limit_bytes"),
        (allow(projects=["website"]), "project_forbidden"),
        (allow(features=["summaries"]), "feature_forbidden"),
    ],
)
def test_each_condition_of_a_rule_keeps_a_request(rule, reason, node, cloud):
    seen = cloud.connections
    node.take(policy(terms(cloud), rule))
    answer = chat(node, "gone")
    assert (answer.status, answer.json["error"]["code"]) == (403, reason)
    assert cloud.connections == seen


def test_rules_let_out_what_fits_them(node, cloud):
    node.take(policy(terms(cloud), allow(time={"from": clock(-1), "to": clock(1)}, limits={"bytes": 200})))
    assert chat(node, "gone").headers["x-gatehouse-route"] == "external:provider"
    long = chat(node, "gone", "x" * 200)
    assert (long.status, long.json["error"]["code"]) == (403, "limit_bytes") and "send less" in long.json["error"][
        "message"
    ]
    assert node.command("policy", "lint").returncode == 0


def test_a_model_that_the_policy_does_not_list_is_not_asked(node, cloud):
    seen = cloud.connections
    node.take(policy({**terms(cloud), "models": ["m-small"]}, allow()))
    answer = chat(node, "gone")
    assert (answer.status, answer.json["error"]["code"]) == (403, "backend_forbidden")
    assert cloud.connections == seen


@pytest.mark.parametrize("is_hard", [False, True])
def test_a_deny_rule_wins(is_hard, node, cloud):
    seen = cloud.connections
    denial = {"id": "not-now", "effect": "deny", "hard": is_hard, "when": {"triggers": ["local_down"]}}
    for rules in ([denial, allow()], [allow(), denial]):
        node.take(policy(terms(cloud), *rules))
        answer = chat(node, "gone")
        assert (answer.status, answer.json["error"]["code"]) == (403, "deny_rule")
        assert "(rule not-now)" in answer.json["error"]["message"]
        until(lambda: node.records(answer), what="the record")
        ((_, decision),) = node.records(answer)
        assert (decision["rule_id"], decision.get("hard", False)) == ("not-now", is_hard)
    assert cloud.connections == seen
    assert chat(node, "m-large").status == 200, "it is for another trigger"


def test_a_shadow_rule_shows_in_the_record_alone(node, cloud):
    denial = {"id": "stricter", "effect": "deny", "when": {"triggers": ["local_down"]}}
    node.take(policy(terms(cloud), allow(), shadow=[denial]))
    answer = chat(node, "gone")
    assert answer.status == 200 and "stricter" not in json.dumps(answer.headers)
    assert node.records(answer)[0][1]["shadow"] == {"decision": "deny", "reason": "deny_rule", "rule_id": "stricter"}
    seen = cloud.connections
    node.take(policy(terms(cloud), allow(triggers=["local_saturated"]), shadow=[allow("looser")]))
    answer = chat(node, "gone")
    assert answer.json["error"]["code"] == "trigger_forbidden" and b"looser" not in answer.body
    until(lambda: node.records(answer), what="the record")
    assert node.records(answer)[0][1]["shadow"] == {"decision": "external", "reason": "allow_rule", "rule_id": "looser"}
    assert cloud.connections == seen, "a shadow lets nothing out"


def test_the_limits_of_a_day_outlive_a_restart(local, cloud):
    by_count = allow("by-count", triggers=["local_down"], limits={"requests_per_day": 2})
    by_bytes = allow("by-bytes", triggers=["caller_requested"], limits={"bytes_per_day": 400})
    with Node({"gpu1": local.port}, cloud, policy(terms(cloud), by_count, by_bytes), manifest("gone")) as node:

        def used_up():
            seen = cloud.connections
            for model in ("gone", "m-large"):
                answer = chat(node, model, "x" * 100)
                assert (answer.status, answer.json["error"]["code"]) == (403, "limit_rate"), model
                assert "or for tomorrow" in answer.json["error"]["message"]
            assert cloud.connections == seen

        with ThreadPoolExecutor(8) as pool:  # All at once: none of them may count on what another has not taken yet.
            status = list(pool.map(lambda model: chat(node, model, "x" * 100).status, ["gone", "m-large"] * 8))
        assert (status[::2].count(200), status[1::2].count(200)) == (2, 2)
        used_up()
        node.take(policy(terms(cloud), by_count, by_bytes, revision="another"))
        used_up()
        for end in (node.stop, node.kill):
            end()
            node.again()
            used_up()


# Reload


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """An authority, and a certificate and key for a provider within this process."""
    return certificates(tmp_path_factory.mktemp("certificate"), f"IP:{Provider.ADDRESS}")


@contextlib.contextmanager
def provider(certificate, script):
    with Provider(script, certificate[1:]) as server:
        server.ca = certificate[0]
        yield server


def test_a_reload_counts_for_the_next_step_of_a_request_under_way(local, certificate):
    asked, go = threading.Event(), threading.Event()

    def script(connection, head, body):
        asked.set()
        go.wait(30)
        return "close"

    names = manifest("gone", external=["slow", "m-large"])
    with provider(certificate, script) as server, ThreadPoolExecutor(1) as pool:
        with Node({"gpu1": local.port}, server, policy(terms(server), allow()), names) as node:
            answer = pool.submit(chat, node, "gone")
            asked.wait(30)
            node.take(policy(terms(server), allow(), {"id": "no", "effect": "deny"}))
            go.set()
            answer = answer.result()
            assert (answer.status, answer.json["error"]["code"]) == (502, "upstream_truncated")
            assert "provider may not be asked (deny_rule, rule no)" in answer.json["error"]["message"]
            assert [json.loads(body)["model"] for _, body in server.requests] == ["slow"]


def test_a_reload_ends_no_answer_that_has_begun(local, certificate):
    go = threading.Event()

    def script(connection, head, body):
        event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m-large"}
        for text, reason in [("before ", None), ("after", "stop")]:
            choices = [{"index": 0, "delta": {"content": text}, "finish_reason": reason}]
            connection.sendall(
                (STREAM_HEAD if not reason else b"")
                + chunk("data: " + json.dumps({**event, "choices": choices}) + "\n\n")
            )
            if not reason:
                go.wait(30)
        connection.sendall(chunk("data: [DONE]\n\n") + chunk(""))

    with provider(certificate, script) as server:
        with Node({"gpu1": local.port}, server, policy(terms(server), allow()), manifest("gone")) as node:
            stream = client(node).chat.completions.create(model="gone", messages=turns("say something"), stream=True)
            assert next(stream).choices[0].delta.content == "before "
            node.take(policy(terms(server)))
            assert chat(node, "m-large").json["error"]["code"] == "no_matching_allow"
            go.set()
            assert [event.choices[0].delta.content for event in stream] == ["after"]


def test_a_caller_who_leaves_ends_what_it_had_begun_outside(local, certificate):
    asked, ended = threading.Event(), threading.Event()

    def script(connection, head, body):
        asked.set()
        if connection.recv(1) == b"":
            ended.set()
        return "close"

    with provider(certificate, script) as server:
        with Node({"gpu1": local.port}, server, policy(terms(server), allow()), manifest("gone")) as node:
            body = json.dumps({"model": "gone", "messages": turns("say something")}).encode()
            with socket.create_connection(("127.0.0.1", node.port)) as raw:
                raw.sendall(
                    b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
                    + body
                )
                assert asked.wait(30)
            assert ended.wait(30), "the provider is told"
            until(lambda: [kind for kind, _ in node.chain()][-1] == "outcome", what="the outcome")
            _, outcome = node.chain()[-1]
            assert (outcome["result"], outcome["reason"]) == ("cancelled", "client_left")


# The provider's troubles


def test_a_provider_that_is_busy_gets_its_pause(node, cloud):
    first = chat(node, "busy")
    assert (first.status, first.json["error"]["code"]) == (429, "upstream_busy") and first.headers["retry-after"] == "7"
    seen = len(cloud.requests)
    with pytest.raises(openai.RateLimitError):
        client(node).chat.completions.create(model="busy", messages=turns("hi"))
    assert len(cloud.requests) == seen, "it is not asked again meanwhile"
    breaker = node.status["external"][0]["breakers"][0]
    assert (breaker["model"], breaker["state"]) == ("busy", "throttled") and 0 < breaker["seconds"] <= 7
    assert chat(node, "m-large").status == 200, "the other models may be asked"


def test_a_provider_that_fails(node, cloud):
    answer = chat(node, "broken")
    assert (answer.status, answer.json["error"]["code"]) == (502, "upstream_error")
    assert "provider (broken): answered with status 500" in answer.json["error"]["message"]
    until(lambda: len(node.records(answer)) == 2, what="the outcome")
    _, outcome = node.records(answer)[1]
    assert (outcome["result"], outcome["reason"], outcome["status"]) == ("failed", "upstream_error", 500)


def test_a_stream_that_is_cut_never_ends_as_if_it_were_whole(node):
    words = ""
    with pytest.raises(openai.APIError) as broken:
        for event in client(node).chat.completions.create(model="cut", messages=turns("hi"), stream=True):
            words += event.choices[0].delta.content or ""
            assert event.choices[0].finish_reason is None
    assert words == OUTSIDE and broken.value.body["code"] == "upstream_truncated"
    assert b"[DONE]" not in chat(node, "cut", stream=True).body


def test_a_stream_that_never_begins_is_given_up(node):
    answer = chat(node, "slow", stream=True)
    assert (answer.status, answer.json["error"]["code"]) == (504, "upstream_first_byte_timeout")
    assert re.search(r"sent no token within [45]\d\d ms", answer.json["error"]["message"])


def test_another_model_outside_is_asked_after_another_word_of_the_policy(local, cloud):
    names = manifest("gone", external=["broken", "m-large"])
    with Node({"gpu1": local.port}, cloud, policy(terms(cloud), allow()), names) as node:
        answer = chat(node, "gone")
        assert answer.status == 200 and answer.headers["x-gatehouse-attempts"] == "2"
        until(lambda: len(node.records(answer)) == 4, what="two intents and two outcomes")
        kinds = [(kind, body["attempt"]) for kind, body in node.records(answer)]
        assert sorted(kinds) == [("intent", 1), ("intent", 2), ("outcome", 1), ("outcome", 2)]
        assert kinds[0] == ("intent", 1)
        assert any('reason="allow_rule",trigger="local_down"} 2' in line for line in node.metrics)


def test_a_provider_that_takes_no_key_is_left_alone_at_once(local, cloud):
    with Node({"gpu1": local.port}, cloud, policy(terms(cloud), allow()), manifest("gone")) as node:
        answer = chat(node, "keyless")
        assert (answer.status, answer.json["error"]["code"]) == (502, "upstream_credentials")
        seen = cloud.connections
        again = chat(node, "m-large")
        assert again.status == 503 and "provider is open" in again.json["error"]["message"]
        assert cloud.connections == seen
        breaker = node.status["external"][0]["breakers"][0]
        assert "model" not in breaker and breaker["state"] == "open" and 200 < breaker["seconds"] <= 375
        everything = spoken(node, answer, again)
    assert PROVIDER_KEY.encode() not in everything
    assert any(PROVIDER_KEY in json.dumps(r["headers"]) for r in cloud.requests), "the provider did see it, and says so"


# What is told


def spoken(node, *answered):
    """All that a node says, in whatever way, and keeps."""
    identity = answered[0].headers["x-gatehouse-request-id"]
    commands = [
        ["status"], ["status", "--json"], ["check"], ["policy", "lint"], ["policy", "test"], ["requests", "list"],
        ["requests", "show", identity], ["requests", "show", identity, "--json"], ["audit", "show", "--last", "99"],
        ["audit", "show", "--json"], ["audit", "export"], ["audit", "verify"], ["backends", "list"], ["models", "list"],
        ["usage"], ["health"], ["keys", "list"],
    ]  # fmt: skip
    told = [done.stdout + done.stderr for done in (node.command(*one, check=False) for one in commands)]
    kept = [file.read_bytes() for file in node.state.iterdir() if file.is_file()]
    heard = [json.dumps(answer.headers).encode() + answer.body for answer in answered]
    return "\n".join([*told, *node.metrics, node.output]).encode() + b"\n".join(kept + heard)


def test_everything_that_tells_of_requests_tells_of_those_that_leave(node, cloud):
    answer = chat(node, "gone", "a word of nobody")
    identity = answer.headers["x-gatehouse-request-id"]
    until(lambda: len(node.records(answer)) == 2, what="the outcome")
    refused = chat(node, "gone", headers={"x-gatehouse-sensitivity": "internal"})

    line = next(json.loads(one) for one in node.output.splitlines() if identity in one)
    assert (line["route"], line["reason"], line["model"]) == ("external:provider", "allow_rule", "m-large")
    assert (line["sensitivity"], line["prompt_tokens"], line["output_tokens"]) == ("public", 9, 4)

    shown = json.loads(node.command("requests", "show", identity, "--json").stdout)
    assert (shown["route"], shown["backend"], shown["model"]) == ("external:provider", "provider", "m-large")
    assert shown["verdict"] == {
        "backend": "provider", "trigger": "local_down", "decision": "allow", "reason": "allow_rule", "rule": "open",
    }  # fmt: skip
    page = node.command("requests", "show", refused.headers["x-gatehouse-request-id"]).stdout
    assert "deny provider for local_down: sensitivity_too_high, rule open" in page

    status = node.status
    assert (status["policy"]["revision"], status["policy"]["rules"]) == ("story", 1)
    outside = status["external"][0]
    assert (outside["name"], outside["state"], outside["jurisdiction"]) == ("provider", "usable", "EU")
    assert outside["addresses"] == [f"{cloud.address}:{cloud.port}"]
    assert status["auditIntents"] == status["auditOutcomes"] > 0
    assert "provider" in node.command("status", "--once").stdout

    def counted(text):
        return any(line.startswith(text) and float(line.split()[-1]) > 0 for line in node.metrics)

    for decision in ('decision="allow",reason="allow_rule"', 'decision="deny",reason="sensitivity_too_high"'):
        assert counted(f'gatehouse_policy_decisions_total{{backend="provider",{decision},trigger="local_down"}}')
    assert counted('gatehouse_requests_total{endpoint="openai_chat",reason="allow_rule",status="200"}')
    assert counted("gatehouse_audit_intents_total") and counted('gatehouse_audit_outcomes_total{result="completed"}')
    assert counted('gen_ai_server_request_duration_seconds_count{gen_ai_response_model="m-large",backend="provider"}')

    def row():
        with contextlib.closing(node.database("usage")) as database:
            columns = "route, model, backend, prompt_tokens, output_tokens, reason, attempts"
            return database.execute(
                f"SELECT {columns} FROM usage WHERE request = ?", (bytes.fromhex(identity.replace("-", "")),)
            ).fetchone()

    assert until(row, what="the usage row") == ("external", "m-large", "provider", 9, 4, "allow_rule", 1)
    assert json.loads(node.command("audit", "verify", "--json").stdout)["whole"]
    everything = spoken(node, answer, refused)
    assert PROVIDER_KEY.encode() not in everything and b"a word of nobody" not in everything


def test_a_key_that_is_replaced_counts_after_a_reload(local, cloud):
    with Node({"gpu1": local.port}, cloud, policy(terms(cloud), allow()), manifest("gone")) as node:
        assert chat(node, "gone").status == 200
        (node.folder / "provider.key").write_text("sk-story-next\n")
        node.command("reload")
        assert chat(node, "gone").status == 200
        sent = [dict((n.lower(), v) for n, v in r["headers"])["authorization"] for r in cloud.requests[-2:]]
        assert sent == [f"Bearer {PROVIDER_KEY}", "Bearer sk-story-next"]
        (node.folder / "provider.key").chmod(0o644)
        refused = node.command("reload", check=False)
        assert refused.returncode != 0 and "provider.key" in refused.stdout + refused.stderr
        assert "sk-story" not in refused.stdout + refused.stderr
        assert chat(node, "gone").status == 200, "the last good configuration stays"


# Without a backend


REPLY = "Nobody can answer just now."


@pytest.fixture(scope="module")
def lean():
    """A node whose large model is nowhere: a smaller one answers, or a reply that was written before."""
    names = {
        "schema": 1,
        "models": {"large:70b": {"smaller": ["llama3.2:3b"]}, "llama3.2:3b": {}, "none": {"fallback_reply": REPLY}},
    }
    with Simulated("--tokens-per-second", "0") as server:
        with Gatehouse({"gpu1": server.port}, manifest=json.dumps(names)) as node:
            yield node


@pytest.mark.parametrize(
    "asked, route, served", [("large:70b", "local:gpu1", "llama3.2:3b"), ("none", "fallback", None)]
)
def test_a_smaller_model_or_a_reply_is_read_by_every_sdk(asked, route, served, lean):
    words = "say: hello there" if served else "hi"
    expected = "hello there" if served else REPLY
    url = f"http://127.0.0.1:{lean.port}"
    ask = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
    raw = ask.chat.completions.with_raw_response.create(model=asked, messages=turns(words))
    assert raw.headers["x-gatehouse-route"] == route
    answer = raw.parse()
    assert answer.choices[0].message.content == expected and answer.choices[0].finish_reason == "stop"
    assert answer.model == served or not served
    chunks = list(ask.chat.completions.create(model=asked, messages=turns(words), stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == expected
    assert ask.completions.create(model=asked, prompt=words).choices[0].text == expected
    assert ask.responses.create(model=asked, input=words).output_text == expected
    with ask.responses.stream(model=asked, input=words) as stream:
        assert stream.get_final_response().output_text == expected

    claude = anthropic.Anthropic(base_url=url, api_key="none", max_retries=0)
    got = claude.messages.with_raw_response.create(model=asked, max_tokens=50, messages=turns(words))
    assert got.headers["x-gatehouse-route"] == route
    assert got.parse().content[0].text == expected and got.parse().stop_reason == "end_turn"
    with claude.messages.stream(model=asked, max_tokens=50, messages=turns(words)) as stream:
        assert stream.get_final_text() == expected

    own = ollama_sdk.Client(url)
    assert own.chat(asked, turns(words)).message.content == expected
    assert "".join(part.message.content for part in own.chat(asked, turns(words), stream=True)) == expected
    assert own.generate(asked, words).response == expected
    if not served:
        refused = post(lean.port, "/v1/embeddings", {"model": asked, "input": "x"})
        assert refused.status == 503, "words are no vectors"
