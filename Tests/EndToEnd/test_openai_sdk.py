"""An application written for OpenAI, with only `base_url` changed."""
import json
import time

import openai
import pytest

from harness import Gatehouse, post, request, until

MODEL = "llama3.2:3b"


@pytest.fixture(scope="module")
def client(gatehouse):
    return openai.OpenAI(base_url=f"http://127.0.0.1:{gatehouse.port}/v1", api_key="none", max_retries=0)


def ask(text):
    return [{"role": "user", "content": text}]


def test_chat(client):
    answer = client.chat.completions.create(model=MODEL, messages=ask("say: hello there"))
    assert answer.choices[0].message.content == "hello there"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == MODEL
    assert answer.usage.completion_tokens > 0


def test_streamed_chat(client):
    chunks = list(client.chat.completions.create(model=MODEL, messages=ask("say: one two three"), stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "one two three"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert all(c.choices for c in chunks), "the usage chunk is kept from those who did not ask"
    assert {c.model for c in chunks} == {MODEL}


def test_streamed_chat_with_usage(client):
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=ask("say: one"), stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0


def test_usage_is_known_here_even_if_the_client_did_not_ask(client, gatehouse):
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=ask("say: a b"), stream=True)
    identity = raw.headers["x-gatehouse-request-id"]
    for _ in raw.parse():
        pass
    shown = json.loads(gatehouse.command("requests", "show", identity, "--json").stdout)
    assert shown["tokens"]["output"] > 0 and shown["state"] == "ended" and shown["reason"] == "allow_local"


def test_tools_reach_the_model_untouched(client):
    tool = {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "weather of a city",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "City": {"type": "string"}, "model": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
    answer = client.chat.completions.create(model=MODEL, messages=ask("please call get_weather"), tools=[tool])
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather"
    json.loads(call.function.arguments)
    assert answer.choices[0].finish_reason == "tool_calls"
    after = client.chat.completions.create(
        model=MODEL,
        messages=ask("please call get_weather")
        + [answer.choices[0].message.model_dump(exclude_none=True)]
        + [{"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
        + ask("say: it is sunny"),
    )
    assert after.choices[0].message.content == "it is sunny"


def test_response_format(client):
    answer = client.chat.completions.create(
        model=MODEL,
        messages=ask("a person"),
        response_format={
            "type": "json_schema",
            "json_schema": {
                "name": "person",
                "schema": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
                    "required": ["name", "age"],
                },
            },
        },
    )
    assert set(json.loads(answer.choices[0].message.content)) == {"name", "age"}


def test_vision(client):
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    content = [
        {"type": "text", "text": "say: a pixel"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{pixel}"}},
    ]
    answer = client.chat.completions.create(model="llava:7b", messages=[{"role": "user", "content": content}])
    assert "pixel" in answer.choices[0].message.content


def test_completions(client):
    answer = client.completions.create(model=MODEL, prompt="say: plain text")
    assert answer.choices[0].text == "plain text"
    parts = list(client.completions.create(model=MODEL, prompt="say: plain text", stream=True))
    assert "".join(p.choices[0].text for p in parts if p.choices) == "plain text"


def test_embeddings(client):
    answer = client.embeddings.create(model="nomic-embed-text", input=["one", "two"])
    assert len(answer.data) == 2 and len(answer.data[0].embedding) > 8
    again = client.embeddings.create(model="nomic-embed-text:latest", input="one", encoding_format="float")
    assert again.data[0].embedding == pytest.approx(answer.data[0].embedding, abs=1e-6)


def test_model_list(client):
    assert MODEL in [m.id for m in client.models.list()]
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("no-such-model")


def test_responses_pass_to_ollamas_own(client):
    answer = client.responses.create(model=MODEL, input="say: through responses")
    assert answer.output_text == "through responses"
    kinds = [e.type for e in client.responses.create(model=MODEL, input="say: in parts", stream=True)]
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed"


def test_messages_pass_to_ollamas_own(gatehouse):
    import anthropic

    client = anthropic.Anthropic(base_url=f"http://127.0.0.1:{gatehouse.port}", api_key="none", max_retries=0)
    answer = client.messages.create(
        model=MODEL, max_tokens=100, messages=[{"role": "user", "content": "say: hello claude"}]
    )
    assert answer.content[0].text == "hello claude"
    with client.messages.stream(
        model=MODEL, max_tokens=100, messages=[{"role": "user", "content": "say: in a stream"}]
    ) as stream:
        assert stream.get_final_text() == "in a stream"
    with pytest.raises(anthropic.NotFoundError):
        client.messages.create(model="nope", max_tokens=5, messages=[{"role": "user", "content": "x"}])


def test_unknown_model_is_not_found(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="lama3.2:3b", messages=ask("x"))
    assert caught.value.code == "model_unknown"
    assert "llama3.2:3b" in caught.value.message, "the nearest name is suggested"


def test_bad_json_is_a_bad_request(client, gatehouse):
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model=MODEL, messages="not a list")
    answer = post(gatehouse.port, "/v1/chat/completions", '{"model": "x", ')
    assert answer.status == 400 and answer.json["error"]["code"] == "invalid_json"


def test_every_answer_says_where_it_came_from(gatehouse):
    answer = post(gatehouse.port, "/v1/chat/completions", {"model": MODEL, "messages": ask("say: x")})
    assert answer.headers["x-gatehouse-route"] == "local:gpu1"
    assert answer.headers["x-gatehouse-reason"] == "allow_local"
    assert len(answer.headers["x-gatehouse-request-id"]) == 36
    refused = post(gatehouse.port, "/v1/chat/completions", {"model": "nope", "messages": []})
    assert refused.headers["x-gatehouse-route"] == "none"
    assert refused.headers["x-gatehouse-reason"] == "model_unknown"
    listed = request(gatehouse.port, "GET", "/v1/models")
    assert "x-gatehouse-request-id" in listed.headers


def test_max_completion_tokens_reaches_a_server_that_knows_only_max_tokens(client):
    answer = client.chat.completions.create(
        model=MODEL, messages=ask("count to 100"), extra_body={"max_completion_tokens": 5}
    )
    assert answer.usage.completion_tokens == 5 and answer.choices[0].finish_reason == "length"


def test_a_tier_and_an_alias_work_as_model_names(ollama):
    manifest = """
schema: 1
models: {"not-installed:1b": {}, "llama3.2:3b": {}}
tiers: {general: ["not-installed:1b", "llama3.2:3b"]}
aliases: {gpt-4o: general, "claude-*": general}
"""
    with Gatehouse({"gpu1": ollama.port}, manifest=manifest) as server:
        client = openai.OpenAI(base_url=f"http://127.0.0.1:{server.port}/v1", api_key="none", max_retries=0)
        for name in ("general", "gpt-4o", "claude-sonnet-4"):
            answer = client.chat.completions.create(model=name, messages=ask("say: yes"))
            assert answer.choices[0].message.content == "yes"
            assert answer.model == MODEL, "the model is the name that served"
        assert {"general", "gpt-4o", MODEL} <= {m.id for m in client.models.list()}


def test_keys(ollama, tmp_path):
    with Gatehouse({"gpu1": ollama.port}, wait=True) as server:
        added = server.command("keys", "add", "tests").stdout
        key = next(word for word in added.split() if word.startswith("gh_"))
        url = f"http://127.0.0.1:{server.port}/v1"

        def refuses_without():
            return post(server.port, "/v1/chat/completions", {"model": MODEL, "messages": ask("x")}).status == 401

        until(refuses_without, what="the reload that makes keys count")
        with pytest.raises(openai.AuthenticationError) as caught:
            openai.OpenAI(base_url=url, api_key="gh_wrong", max_retries=0).models.list()
        assert caught.value.code == "key_invalid"
        good = openai.OpenAI(base_url=url, api_key=key, max_retries=0)
        assert good.chat.completions.create(model=MODEL, messages=ask("say: in")).choices[0].message.content == "in"
        for header in ("x-api-key", "api-key"):
            answer = request(server.port, "GET", "/v1/models", headers={header: key})
            assert answer.status == 200
        identity = key.split("_")[2]
        server.command("keys", "revoke", identity)
        until(
            lambda: request(server.port, "GET", "/v1/models", headers={"x-api-key": key}).status == 401,
            what="the revocation",
        )
        assert key not in server.output


def test_cors_preflight_where_origins_are_configured(ollama):
    with Gatehouse({"gpu1": ollama.port}, listeners={"origins": ["https://app.intranet.example"]}) as server:
        headers = {
            "Origin": "https://app.intranet.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        answer = request(server.port, "OPTIONS", "/v1/chat/completions", headers=headers)
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == "https://app.intranet.example"
        assert "authorization" in answer.headers["access-control-allow-headers"].lower()
        answer = request(server.port, "GET", "/v1/models", headers={"Origin": "https://app.intranet.example"})
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == "https://app.intranet.example"
        evil = request(server.port, "GET", "/v1/models", headers={"Origin": "https://evil.example"})
        assert evil.status == 403 and "access-control-allow-origin" not in evil.headers


def test_tokens_arrive_as_they_are_made(gatehouse):
    """`curl -N` in spirit: each token is there before the next is made (20 ms apart in the simulated server)."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", gatehouse.port, timeout=20)
    body = json.dumps({"model": MODEL, "messages": ask("count to 20"), "stream": True})
    connection.request("POST", "/v1/chat/completions", body=body)
    response = connection.getresponse()
    arrivals = []
    while line := response.readline():
        if line.startswith(b"data: {"):
            arrivals.append(time.monotonic())
    connection.close()
    assert len(arrivals) > 20
    assert arrivals[-1] - arrivals[0] > 0.2, "nothing was collected and sent at once"
