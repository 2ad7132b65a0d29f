"""A server inside with OpenAI's API (`deploy/lib/compatible.py` plays vLLM) beside an Ollama."""

import json

import openai
import pytest
from compatible import Compatible
from harness import Gatehouse, Simulated, answers, free_port, get, post, until

NAME = "meta-llama/Llama-3.1-8B-Instruct"
KEY = "sk-inside-never-shown"
MESSAGES = [{"role": "user", "content": "say something"}]


@pytest.fixture(scope="module")
def server():
    with Compatible(NAME, "sql-lora", key=KEY) as server:
        yield server


@pytest.fixture(scope="module")
def node(server, tmp_path_factory):
    secret = tmp_path_factory.mktemp("keys") / "inside.key"
    secret.write_text(KEY + "\n")
    secret.chmod(0o600)
    backend = {"kind": "openai", "url": f"http://127.0.0.1:{server.port}", "slots": 4, "key": {"file": str(secret)}}
    with Gatehouse({"vllm1": backend}, health={"interval": "200ms"}, require_cloud_off=True) as node:
        yield node


def status(node):
    return json.loads(node.command("status", "--json").stdout)


def why_not(node):
    """What is told of its only backend, which cannot be used."""
    until(lambda: answers(node.operations, "/livez", status=200), what="the node")
    return until(lambda: status(node)["backends"][0].get("detail"), what="the reason")


def ask(node, path="/v1/chat/completions", text=None, **fields):
    body = text if text is not None else json.dumps({"model": NAME, "messages": MESSAGES, **fields})
    return post(node.port, path, body, headers={"x-gatehouse-verbose": "1"})


def test_it_is_healthy_by_its_list_of_models_alone(server, node):
    (backend,) = status(node)["backends"]
    assert (backend["state"], backend["cloud"], backend["slotsAssumed"]) == ("usable", "none", False)
    assert backend["models"] == [f"{NAME}:latest", "sql-lora:latest"]
    assert [(m["name"], m["context"]) for m in backend["loaded"]] == [(m, 8192) for m in backend["models"]]
    assert status(node)["warnings"] == []
    probes = [(method, path) for method, path, _, _ in server.requests if method == "GET"]
    assert probes and set(probes) == {("GET", "/v1/models")}
    for name in (NAME, f"{NAME}:latest", "sql-lora"):
        assert get(node.operations, f"/readyz/models/{name}").status == 200, name
    assert get(node.operations, "/readyz/models/meta-llama/llama-3.2").status == 404
    page = node.command("backends", "list").stdout + node.command("status", "--once").stdout
    assert "vllm1" in page and KEY not in page + node.command("check").stdout + node.output


@pytest.mark.parametrize(
    "path, text",
    [
        (
            "/v1/chat/completions",
            ' {"model" : "%s","messages":[ {"role":"user","content":"\\u00e9 http://a"} ],"max_tokens":5,'
            '"guided_choice":["a"],"chat_template_kwargs":{"enable_thinking":false},"user":"u"} ' % NAME,
        ),
        (
            "/v1/chat/completions",
            '{"stream":true,"stream_options":{"include_usage":true},"model":"%s","max_tokens":5,"messages":[]}' % NAME,
        ),
        ("/v1/completions", '{"model":"%s","prompt":[1,2,3],"max_tokens":5,"echo":false}' % NAME),
        ("/v1/completions", '{"model":"%s","prompt":"a","max_tokens":5,"stream":true,'
         '"stream_options":{"include_usage":true}}' % NAME),
        ("/v1/embeddings", '{"model":"%s","input":["a","b"],"encoding_format":"base64"}' % NAME),
    ],
)  # fmt: skip
def test_requests_and_answers_pass_byte_for_byte(path, text, server, node):
    answer = ask(node, path, text)
    assert answer.status == 200, answer.body
    _, sent_path, headers, body = server.asked[-1]
    assert (sent_path, body.decode()) == (path, text)
    assert answer.body == server.sent[-1]
    assert headers["Authorization"] == f"Bearer {KEY}" and headers["User-Agent"] == "gatehouse"
    assert answer.headers["x-gatehouse-route"] == "local:vllm1"
    assert answer.headers["x-gatehouse-model"] == f"{NAME}:latest"
    assert "x-gatehouse-dropped" not in answer.headers


def test_an_sdk_does_not_notice(server, node):
    with openai.OpenAI(base_url=f"http://127.0.0.1:{node.port}/v1", api_key="none", max_retries=0) as client:
        assert {model.id for model in client.models.list()} == {f"{NAME}:latest", "sql-lora:latest"}
        answer = client.chat.completions.create(model=NAME, messages=MESSAGES)
        assert (answer.choices[0].message.content, answer.model) == ("An answer from beside.", NAME)
        chunks = list(client.chat.completions.create(model=f"{NAME}:latest", messages=MESSAGES, stream=True))
        assert "".join(c.choices[0].delta.content or "" for c in chunks) == "An answer from beside."
        sent = json.loads(server.asked[-1][3])
        assert (sent["model"], sent["stream_options"]) == (NAME, {"include_usage": True})
        assert sent["max_tokens"] == 4096, "the bound of the manifest, which the context leaves room for"
        assert all(chunk.usage is None for chunk in chunks), "nobody asked for usage"
        vectors = client.embeddings.create(model=NAME, input=["a", "b"])
        assert [one.embedding for one in vectors.data] == [[0.25, -1.5]] * 2


def test_what_is_not_sent_on_is_told(server, node):
    seen = len(server.asked)
    answer = ask(node, max_tokens=9000, kv_transfer_params={"remote_host": "a"}, tools=[{"type": "web_search"}])
    assert answer.status == 200
    assert sorted(answer.headers["x-gatehouse-dropped"].replace(" ", "").split(",")) == [
        "kv_transfer_params", "max_tokens", "tools.web_search"
    ]  # fmt: skip
    assert json.loads(server.asked[-1][3]) == {"model": NAME, "messages": MESSAGES, "max_tokens": 4096}
    image = {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}}
    fetched = ask(node, messages=[{"role": "user", "content": [image]}])
    assert (fetched.status, fetched.json["error"]["code"]) == (403, "tool_forbidden")
    image["image_url"]["url"] = "data:image/png;base64,iVBORw0KGgo="
    assert ask(node, messages=[{"role": "user", "content": [image]}]).status == 200
    for name in (f"{NAME}:cloud", "x-cloud:1-cloud"):
        assert (ask(node, model=name).status, ask(node, model=name).json["error"]["code"]) == (403, "remote_model")
    assert len(server.asked) == seen + 2


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/responses", "/api/chat", "/api/generate"])
def test_other_dialects_are_translated(path, server, node):
    body = {"model": NAME, "stream": False, "max_tokens": 9}
    if path == "/v1/responses":
        body = {"model": NAME, "input": "say something"}
    elif path == "/api/generate":
        body["prompt"] = "say something"
    else:
        body["messages"] = MESSAGES
    if path.startswith("/api"):
        del body["max_tokens"]
    answer = ask(node, path, json.dumps(body))
    assert answer.status == 200 and b"An answer from beside." in answer.body, answer.body
    _, sent_path, _, sent = server.asked[-1]
    assert (sent_path, json.loads(sent)["model"]) == ("/v1/chat/completions", NAME)


def test_a_bound_that_leaves_no_room_is_not_added(server, node):
    long = [{"role": "user", "content": "many words " * 1000}]
    assert ask(node, messages=long).status == 200
    assert "max_tokens" not in json.loads(server.asked[-1][3])


def test_ollamas_own_lists_have_its_models_too(node):
    assert [model["name"] for model in get(node.port, "/api/tags").json["models"]] == [
        f"{NAME}:latest", "sql-lora:latest"
    ]  # fmt: skip
    running = get(node.port, "/api/ps").json["models"]
    assert [(model["name"], model["context_length"]) for model in running] == [
        (f"{NAME}:latest", 8192), ("sql-lora:latest", 8192)
    ]  # fmt: skip
    shown = post(node.port, "/api/show", {"model": NAME}).json
    assert shown["capabilities"] == ["completion"] and 8192 in shown["model_info"].values()


def test_a_model_that_is_gone_is_asked_for_elsewhere():
    """The list is read now and then: in between the server says so itself."""
    with Compatible("llama3.2:3b") as server, Simulated() as ollama:
        backends = {
            "vllm1": {"kind": "openai", "url": f"http://127.0.0.1:{server.port}", "slots": 64},
            "gpu1": {"url": f"http://127.0.0.1:{ollama.port}", "slots": 1},
        }
        with Gatehouse(backends, health={"interval": "300s"}) as node:
            until(lambda: all(b["state"] == "usable" for b in status(node)["backends"]), what="both backends")
            server.models = ("other",)
            answer = ask(node, model="llama3.2:3b")
            assert answer.status == 200, answer.body
            assert answer.headers["x-gatehouse-route"] == "local:gpu1"


def test_another_backend_answers_when_it_is_gone_and_it_comes_back():
    port = free_port()
    server = Compatible("llama3.2:3b", address=("127.0.0.1", port))
    with Simulated() as ollama:
        backends = {
            "vllm1": {"kind": "openai", "url": f"http://127.0.0.1:{port}", "slots": 64},
            "gpu1": {"url": f"http://127.0.0.1:{ollama.port}", "slots": 1},
        }
        manifest = "schema: 1\ndiscovered: serve\n"
        with Gatehouse(backends, manifest=manifest, health={"interval": "200ms"}) as node:
            until(lambda: all(b["state"] == "usable" for b in status(node)["backends"]), what="both backends")
            answer = ask(node, model="llama3.2:3b", stream=True)
            assert answer.headers["x-gatehouse-route"] == "local:vllm1", "it has the most free slots"
            server.close()
            for stream in (False, True):
                answer = ask(node, model="llama3.2:3b", stream=stream)
                assert answer.status == 200 and answer.headers["x-gatehouse-route"] == "local:gpu1"
            until(lambda: status(node)["backends"][0]["state"] == "unusable", what="that it is found down")
            assert "/v1/models" in status(node)["backends"][0]["detail"]
            assert get(node.operations, "/readyz/models/llama3.2:3b").status == 200
            with Compatible("llama3.2:3b", address=("127.0.0.1", port)):
                until(lambda: status(node)["backends"][0]["state"] == "usable", what="that it is found again")
                until(
                    lambda: ask(node, model="llama3.2:3b").headers["x-gatehouse-route"] == "local:vllm1",
                    what="its breaker to close",
                )


def test_an_ollama_is_not_taken_for_one():
    """Its cloud would go unasked."""
    with Simulated() as ollama:
        backend = {"kind": "openai", "url": f"http://127.0.0.1:{ollama.port}"}
        with Gatehouse({"odd": backend}, wait=False) as node:
            assert "kind `ollama`" in why_not(node)
            assert ask(node, model="llama3.2:3b").status == 503
            assert ollama.bodies == []


def test_one_that_wants_a_key_and_gets_none_says_so():
    with Compatible(NAME, key="another") as server:
        with Gatehouse({"vllm1": {"kind": "openai", "url": f"http://127.0.0.1:{server.port}"}}, wait=False) as node:
            assert "status 401" in why_not(node)
