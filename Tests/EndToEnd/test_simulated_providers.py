"""The providers of `deploy/lib/cloud.py` are as faithful as the real SDKs can tell, before anything is put between."""

import base64
import json
import struct
import time

import anthropic
import openai
import pytest

from harness import request
from outside import Cloud
from speakers import PNG, WEATHER, Anthropic, Azure, Gemini, OpenAI

KEY = "sk-outside"
CALLS = '<<call: weather {"city": "Köln", "days": 2}>> <<call: weather {"city": "Bonn", "days": 1}>>'
ASKED = [("weather", {"city": "Köln", "days": 2}), ("weather", {"city": "Bonn", "days": 1})]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud"), tls=False, api_key=KEY) as provider:
        yield provider


@pytest.fixture(params=[OpenAI, Azure, Anthropic, Gemini], ids=lambda speaker: speaker.__name__.lower())
def api(request, cloud):
    return request.param(cloud.url, KEY)


def status(problem):
    return getattr(problem, "status_code", None) or problem.code


# What every API does, in its own words


def test_an_answer(api):
    assert api.ask("hello") == ("An answer from outside.", [], api.ends["stop"], (9, 4, 0, 0))
    assert api.ask("<<say: Grüße, |Welt>>")[0] == "Grüße, Welt"


def test_a_stream_comes_in_the_pieces_asked_for(api):
    assert api.stream("<<say: Hel|lo, |wörld>>") == (["Hel", "lo, ", "wörld"], [], api.ends["stop"], (9, 3, 0, 0))


def test_calls_in_parallel_and_the_turn_after_them(api):
    for got in (api.ask(CALLS, **api.tools), api.stream(CALLS, **api.tools)):
        assert got[1:3] == (ASKED, api.ends["calls"])
    assert api.again(CALLS, ["18 degrees", "rain"])[0] == "The tools said: 18 degrees; rain"


def test_a_tool_may_ask_for_more(api):
    orders = [f'<<call: weather {{"city": "{city}", "days": 1}}>>' for city in "ab"]
    _, calls, end, _ = api.again(orders[0], [orders[1]])
    assert (calls, end) == ([("weather", {"city": "b", "days": 1})], api.ends["calls"])


def test_a_forced_call_is_made(api):
    assert api.ask("hello", **api.forced)[1] == [("weather", {"city": "a", "days": 3})]


def test_an_instance_of_a_schema(api):
    assert json.loads(api.ask("json", **api.schema)[0]) == {"city": "a", "days": 3}
    assert json.loads("".join(api.stream("json", **api.schema)[0])) == {"city": "a", "days": 3}


def test_pictures_are_seen(api):
    assert api.ask(api.picture("what is this?"))[0] == "I see image/png of 68 bytes."


def test_the_cost_as_ordered(api):
    order = "<<usage: prompt=100 output=40 cached=60 reasoning=25>>"
    assert api.ask(order)[3] == (100, 40, 60, 25)
    assert api.stream(order)[3] == (100, 40, 60, 25)


def test_the_bound_and_the_stop_texts(api):
    assert api.ask("hello", **api.few(2))[:3] == ("An answer ", [], api.ends["length"])
    assert api.stream("hello", **api.few(2))[2] == api.ends["length"]
    assert api.ask("<<length>> hello")[2] == api.ends["length"]
    assert api.ask("<<say: one |two |three>>", **api.stops(" th"))[0] == "one two"


def test_what_is_filtered(api):
    if isinstance(api, Azure):
        with pytest.raises(openai.BadRequestError) as caught:
            api.ask("<<filter>>")
        assert caught.value.code == "content_filter"
        return
    assert api.ask("<<filter>> <<say: so |what>>")[:3] == ("so ", [], api.ends["filter"])


@pytest.mark.parametrize("asked", [400, 403, 404, 429, 500, 503])
def test_errors_as_ordered(api, asked):
    for ask in (api.ask, api.stream):
        with pytest.raises(api.errors.APIError) as caught:
            ask(f"<<error: {asked} 7>>")
        assert status(caught.value) == asked


def test_an_overload(api):
    with pytest.raises(api.errors.APIError) as caught:
        api.ask("<<error: overloaded>>")
    assert status(caught.value) == (529 if isinstance(api, Anthropic) else 503)


def test_an_error_in_the_middle_of_a_stream(api):
    with pytest.raises(Exception) as caught:
        api.stream("<<fail: 2>>")
    assert type(caught.value).__module__.split(".")[0] in ("openai", "anthropic", "google")
    with pytest.raises(api.errors.APIError) as caught:
        api.ask("<<fail>>")
    assert status(caught.value) == 500


def test_a_cut(api):
    for ask in (api.ask, api.stream):
        with pytest.raises(Exception) as caught:
            ask("<<cut>>")
        assert type(caught.value).__name__ in ("APIConnectionError", "RemoteProtocolError"), repr(caught.value)


def test_a_slow_first_token(api):
    began = time.monotonic()
    api.stream("<<wait: 0.3>>")
    assert time.monotonic() - began >= 0.3


def test_a_wrong_key_and_none(api, cloud):
    wrong = type(api)(cloud.url, "sk-wrong")
    with pytest.raises(api.errors.APIError) as caught:
        wrong.ask("hello")
    # Google says 400, and why in the details.
    assert status(caught.value) == (400 if isinstance(api, Gemini) else 401)


def test_all_that_came_is_written_down(api, cloud):
    before = len(cloud.requests)
    api.ask("a remark")
    (sent,) = cloud.requests[before:]
    assert "a remark" in sent["text"] and json.loads(sent["text"]) == sent["body"]
    assert any(KEY in value for _, value in sent["headers"])


# What one of them refuses


def raw(cloud, path, body, **headers):
    """The status and the answer's object."""
    given = {"Authorization": f"Bearer {KEY}", "x-api-key": KEY, "api-key": KEY, "x-goog-api-key": KEY, **headers}
    got = request(cloud.port, "POST", path, body, headers=given, host=cloud.address)
    return got.status, json.loads(got.body)


def chat(**more):
    return {"model": "m", "messages": [{"role": "user", "content": "hi"}], **more}


def called(*ids):
    calls = [{"id": name, "type": "function", "function": {"name": "f", "arguments": "{}"}} for name in ids]
    return {"role": "assistant", "content": None, "tool_calls": calls}


HI = {"role": "user", "content": "hi"}


@pytest.mark.parametrize(
    "body, said",
    [
        ({"model": "m"}, "'messages'"),
        (chat(messages=[]), "empty array"),
        (chat(messages=[{"role": "bot", "content": "x"}]), "Known are"),
        (chat(messages=[HI, called("1")]), "follows these 'tool_calls'"),
        (chat(messages=[HI, called("1"), HI]), "follows these 'tool_calls'"),
        (chat(messages=[HI, {"role": "tool", "tool_call_id": "1", "content": "x"}]), "answers no 'tool_calls'"),
        (chat(messages=[{"role": "assistant", "content": None}]), "got null"),
        (chat(max_tokens=5, max_completion_tokens=5), "Only one of"),
        (chat(model="gpt-5", max_tokens=5), "max_completion_tokens"),
        (chat(model="o3", temperature=0), "temperature"),
        (chat(tool_choice="auto"), "there are no 'tools'"),
        (chat(stop=["a", "b", "c", "d", "e"]), "'stop'"),
        (chat(top_logprobs=1), "logprobs"),
        (chat(temperature=3), "temperature"),
        (chat(response_format={"type": "json_object"}), "the word 'json'"),
        (chat(stream_options={"include_usage": True}), "'stream_options'"),
        (chat(response_format={"type": "json_schema", "json_schema": {"schema": {}}}), "json_schema.name"),
        (
            chat(
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "a", "strict": True, "schema": {"type": "object", "properties": {}}},
                }
            ),
            "additionalProperties",
        ),
        (
            chat(
                messages=[
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}],
                    }
                ]
            ),
            "downloading",
        ),
    ],
)
def test_what_openai_refuses(cloud, body, said):
    code, answer = raw(cloud, "/v1/chat/completions", body)
    assert code == 400 and said in answer["error"]["message"], answer
    assert set(answer["error"]) == {"message", "type", "param", "code"}


def test_what_azure_demands(cloud):
    path = "/openai/deployments/gpt-4o/chat/completions"
    assert raw(cloud, path, {"messages": [HI]})[0] == 404
    code, answer = raw(cloud, path + "?api-version=2024-10-21", {"messages": [HI]})
    assert code == 200 and answer["model"] == "gpt-4o" and "content_filter_results" in answer["choices"][0]
    assert raw(cloud, "/openai/v1/chat/completions", chat())[1]["choices"][0]["message"]["content"]
    code, answer = raw(cloud, "/openai/v1/chat/completions", chat(), **{"api-key": "wrong"})
    assert (code, answer["error"]["code"]) == (401, "401")


def test_a_stream_of_azure_begins_with_its_filter(cloud):
    chunks = list(Azure(cloud.url, KEY).client.chat.completions.create(**chat(model="gpt-4o"), stream=True))
    assert chunks[0].choices == [] and chunks[0].model == "" and chunks[1].choices[0].delta.role == "assistant"


def test_several_answers_and_their_chances(cloud):
    client = OpenAI(cloud.url, KEY).client
    answer = client.chat.completions.create(**chat(model="gpt-4.1"), n=2, logprobs=True, top_logprobs=1)
    assert [choice.index for choice in answer.choices] == [0, 1]
    assert [token.token for token in answer.choices[1].logprobs.content] == ["An ", "answer ", "from ", "outside."]
    chunks = client.chat.completions.create(**chat(model="gpt-4.1"), n=2, stream=True)
    assert {choice.index for chunk in chunks for choice in chunk.choices} == {0, 1}


def test_thoughts_of_a_server_that_speaks_as_openai_does(cloud):
    asked = "<<think: hm, |so>> <<say: yes>>"
    answer = OpenAI(cloud.url, KEY).client.chat.completions.create(
        model="deepseek-reasoner", messages=OpenAI.messages([asked])
    )
    assert answer.choices[0].message.reasoning_content == "hm, so"
    assert answer.usage.completion_tokens_details.reasoning_tokens == 2 and answer.usage.completion_tokens == 3
    answer = OpenAI(cloud.url, KEY).client.chat.completions.create(model="gpt-5", messages=OpenAI.messages([asked]))
    assert not hasattr(answer.choices[0].message, "reasoning_content")


def test_a_refusal(cloud):
    assert OpenAI(cloud.url, KEY).ask("<<refuse: No.>>")[:3] == ("No.", [], "stop")
    assert OpenAI(cloud.url, KEY).stream("<<refuse: No.>>")[0] == ["No."]
    assert Anthropic(cloud.url, KEY).ask("<<refuse: No.>>")[:3] == ("No.", [], "refusal")


def test_completions(cloud):
    client = OpenAI(cloud.url, KEY).client.completions
    answer = client.create(model="m", prompt="<<say: one |two>>", echo=False)
    assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("one two", "stop")
    chunks = list(client.create(model="m", prompt="hello", stream=True, max_tokens=3))
    assert "".join(chunk.choices[0].text for chunk in chunks) == "An answer from "
    assert chunks[-1].choices[0].finish_reason == "length"
    assert client.create(model="m", prompt="hello", echo=True).choices[0].text.startswith("hello")


def test_vectors_of_openai(cloud):
    client = OpenAI(cloud.url, KEY).client.embeddings
    floats = client.create(model="e", input=["a", "b"], encoding_format="float", dimensions=12).data
    packed = client.create(model="e", input=["a", "b"], encoding_format="base64", dimensions=12).data
    assert [item.index for item in floats] == [0, 1] and len(floats[0].embedding) == 12
    assert floats[0].embedding != floats[1].embedding
    for one, other in zip(floats, packed):
        assert list(struct.unpack("<12f", base64.b64decode(other.embedding))) == pytest.approx(one.embedding, abs=1e-6)
    # The client unpacks what it has asked for by itself.
    assert client.create(model="e", input="a").data[0].embedding == pytest.approx(
        client.create(model="e", input="a", encoding_format="float").data[0].embedding, abs=1e-6
    )


def test_429_tells_how_long_to_wait(cloud):
    with pytest.raises(openai.RateLimitError) as caught:
        OpenAI(cloud.url, KEY).ask("<<error: 429 7>>")
    assert caught.value.response.headers["retry-after"] == "7"
    with pytest.raises(anthropic.RateLimitError) as caught:
        Anthropic(cloud.url, KEY).ask("<<error: 429 7>>")
    assert caught.value.response.headers["retry-after"] == "7"
    path = "/v1beta/models/m:generateContent"
    _, answer = raw(cloud, path, {"contents": [{"parts": [{"text": "<<error: 429 7>>"}]}]})
    assert answer["error"]["status"] == "RESOURCE_EXHAUSTED" and answer["error"]["details"][0]["retryDelay"] == "7s"


# Anthropic


def message(**more):
    return {"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": [HI], **more}


def said(role, *blocks):
    return {"role": role, "content": list(blocks)}


def use(name="t1"):
    return {"type": "tool_use", "id": name, "name": "f", "input": {}}


WORDS = {"type": "text", "text": "a"}


def outcome(name="t1"):
    return {"type": "tool_result", "tool_use_id": name, "content": "x"}


@pytest.mark.parametrize(
    "body, words",
    [
        ({"model": "m", "messages": [HI]}, "max_tokens: Field required"),
        (message(max_tokens=0), "max_tokens"),
        (message(messages=[]), "at least one message"),
        (message(n=2), "n: Extra inputs are not permitted"),
        (message(messages=[{**HI, "name": "x"}]), "messages.0.name: Extra inputs"),
        (
            message(messages=[said("user", {"type": "text", "text": "a", "index": 0})]),
            "messages.0.content.0.text.index",
        ),
        (message(messages=[said("user", {"type": "text", "text": ""})]), "must be non-empty"),
        (message(messages=[{"role": "user", "content": ""}]), "must be non-empty"),
        (message(messages=[{"role": "system", "content": "x"}]), "the member `system`"),
        (message(messages=[{"role": "tool", "content": "x"}]), "messages.0.role"),
        (message(messages=[said("user", use())]), "is not expected"),
        (message(messages=[HI, said("assistant", use()), HI]), "`tool_use` without a `tool_result`"),
        (message(messages=[HI, said("assistant", use())]), "`tool_use` without a `tool_result`"),
        (message(messages=[said("user", outcome())]), "`tool_result` without a `tool_use`"),
        (message(messages=[HI, said("assistant", use("a b"))]), "String should match pattern"),
        (message(messages=[HI, said("assistant", use()), said("user", WORDS, outcome())]), "must come before"),
        (message(messages=[HI, {"role": "assistant", "content": "a "}]), "white space"),
        (
            message(messages=[HI, said("assistant", {"type": "thinking", "thinking": "a", "signature": "b"}), HI]),
            "Invalid `signature`",
        ),
        (message(temperature=1.5), "temperature"),
        (message(temperature=1, top_p=0.5), "Only one of"),
        (message(model="claude-opus-4-7", temperature=1), "deprecated"),
        (message(model="claude-opus-4-6", messages=[HI, {"role": "assistant", "content": "a"}]), "prefill"),
        (message(thinking={"type": "enabled", "budget_tokens": 100}), "1024"),
        (message(thinking={"type": "enabled", "budget_tokens": 1024}), "greater than thinking.budget_tokens"),
        (message(max_tokens=2000, temperature=0.5, thinking={"type": "enabled", "budget_tokens": 1024}), "must be 1"),
        (
            message(max_tokens=9000, model="claude-opus-5", thinking={"type": "enabled", "budget_tokens": 1024}),
            "adaptive",
        ),
        (message(tool_choice={"type": "any"}), "there are no tools"),
        (message(tools=[{"name": "f"}]), "input_schema: Field required"),
        (message(tools=[{"name": "f", "input_schema": {}}]), "Input should be 'object'"),
        (
            message(tools=[{"type": "function", "function": {}}], tool_choice={"type": "tool", "name": "g"}),
            "there is no tool",
        ),
        (
            message(
                messages=[
                    said(
                        "user", {"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": PNG}}
                    )
                ]
            ),
            "media_type",
        ),
        (message(stop_sequences=[" "]), "stops nothing"),
    ],
)
def test_what_anthropic_refuses(cloud, body, words):
    code, answer = raw(cloud, "/v1/messages", body, **{"anthropic-version": "2023-06-01"})
    assert code == 400 and words in answer["error"]["message"], answer
    assert answer["type"] == "error" and answer["error"]["type"] == "invalid_request_error" and answer["request_id"]


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k"])
def test_what_went_with_the_version_of_2026(cloud, name):
    body = message(**{name: 1})
    assert raw(cloud, "/v1/messages", body, **{"anthropic-version": "2023-06-01"})[0] == 200
    code, answer = raw(cloud, "/v1/messages", body, **{"anthropic-version": "2026-10-21"})
    assert code == 400 and name in answer["error"]["message"]


def test_what_anthropic_demands_of_the_head(cloud):
    assert "anthropic-version" in raw(cloud, "/v1/messages", message())[1]["error"]["message"]
    got = request(cloud.port, "POST", "/v1/messages", message(), host=cloud.address)
    assert got.status == 401 and json.loads(got.body)["error"]["type"] == "authentication_error"


def test_the_events_of_a_message_in_their_order(cloud):
    client = Anthropic(cloud.url, KEY).client
    tools = [{"name": "f", "input_schema": {"type": "object"}}]
    asked = '<<think: hm>> <<say: so>> <<call: f {"x": 1}>>'
    given = {"model": "claude-sonnet-4-6", "max_tokens": 2000, "tools": tools, **Anthropic.THINK}
    events = list(client.messages.create(messages=OpenAI.messages([asked]), stream=True, **given))
    kinds = [(event.type, getattr(getattr(event, "delta", None), "type", None)) for event in events]
    block = [("content_block_start", None), ("content_block_stop", None)]
    assert kinds[0] == ("message_start", None) and kinds[-1] == ("message_stop", None)
    # The SDK keeps `ping` to itself.
    assert kinds[1:5] == [
        block[0],
        ("content_block_delta", "thinking_delta"),
        ("content_block_delta", "signature_delta"),
        block[1],
    ]
    assert kinds[5:8] == [block[0], ("content_block_delta", "text_delta"), block[1]]
    assert kinds[8] == block[0] and kinds[-3] == block[1] and kinds[-2] == ("message_delta", None)
    assert {kind for kind in kinds[9:-3]} == {("content_block_delta", "input_json_delta")}
    text = request(
        cloud.port, "POST", "/v1/messages", {**message(), "stream": True}, host=cloud.address,
        headers={"x-api-key": KEY, "anthropic-version": "2023-06-01"},
    ).body.decode()  # fmt: skip
    names = [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]
    assert names[:3] == ["message_start", "content_block_start", "ping"]


def test_a_thought_goes_back_with_its_seal(cloud):
    client = Anthropic(cloud.url, KEY).client
    given = {"model": "claude-sonnet-4-6", "max_tokens": 2000, **Anthropic.THINK}
    first = client.messages.create(messages=OpenAI.messages(["<<think: hm|, so>>"]), **given)
    thought = first.content[0]
    assert (thought.type, thought.thinking) == ("thinking", "hm, so") and thought.signature
    history = [HI, {"role": "assistant", "content": first.content}, HI]
    assert client.messages.create(messages=history, **given).stop_reason == "end_turn"


def test_what_is_put_aside_is_told(cloud):
    asked = OpenAI.messages(["<<usage: prompt=100 cached=60 written=30>>"])
    usage = (
        Anthropic(cloud.url, KEY).client.messages.create(model="claude-opus-5-5", max_tokens=9, messages=asked).usage
    )
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (10, 60, 30)


def test_tokens_of_anthropic_are_counted(cloud):
    assert Anthropic(cloud.url, KEY).client.messages.count_tokens(model="m", messages=[HI]).input_tokens > 0


# Gemini


def contents(*parts, role="user"):
    return {"role": role, "parts": list(parts)}


TEXT = contents({"text": "hi"})
FUNCTIONS = [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": WEATHER}]}]
CALL = {"functionCall": {"name": "f", "args": {}}}
RESULT = {"functionResponse": {"name": "f", "response": {"output": "x"}}}


@pytest.mark.parametrize(
    "model, body, words",
    [
        ("m", {}, "contents is not specified"),
        ("m", {"contents": [TEXT], "model": "m", "n": 1}, 'Unknown name "n": Cannot find field.'),
        (
            "m",
            {"contents": [TEXT], "generationConfig": {"maxTokens": 5}},
            "Unknown name \"maxTokens\" at 'generation_config'",
        ),
        ("m", {"contents": [{**TEXT, "name": "x"}]}, "at 'contents[0]'"),
        ("m", {"contents": [contents({"text": "a", "type": "text"})]}, "at 'contents[0].parts[0]'"),
        ("m", {"contents": [{"role": "assistant", "parts": [{"text": "a"}]}]}, "role is not valid"),
        ("m", {"contents": [contents()]}, "must not be empty"),
        ("m", {"contents": [contents({"thought": True})]}, "required oneof field"),
        ("m", {"contents": [TEXT, contents(CALL, role="model"), TEXT]}, "as many function response parts"),
        ("m", {"contents": [TEXT, contents(RESULT)]}, "as many function response parts"),
        ("m", {"contents": [contents(CALL, role="model"), contents(RESULT)]}, "right after a turn of the user"),
        (
            "m",
            {
                "contents": [
                    TEXT,
                    contents(CALL, role="model"),
                    contents({"functionResponse": {"name": "f", "response": "x"}}),
                ]
            },
            "Struct",
        ),
        (
            "gemini-3-pro",
            {"contents": [TEXT, contents(CALL, role="model"), contents(RESULT)]},
            "missing a thought_signature",
        ),
        (
            "gemini-3-pro",
            {"contents": [TEXT, contents({**CALL, "thoughtSignature": "AAAA"}, role="model"), contents(RESULT)]},
            "Corrupted",
        ),
        (
            "m",
            {"contents": [TEXT], "toolConfig": {"functionCallingConfig": {"mode": "ANY"}}},
            "without function_declarations",
        ),
        ("m", {"contents": [TEXT], "tools": [{"functionDeclarations": [{"name": "1"}]}]}, "Invalid function name"),
        (
            "m",
            {"contents": [TEXT], "tools": [{"functionDeclarations": [{"name": "f", "parameters": WEATHER}]}]},
            "additionalProperties",
        ),
        ("m", {"contents": [TEXT], "generationConfig": {"responseJsonSchema": {}}}, "response_mime_type"),
        ("m", {"contents": [TEXT], "generationConfig": {"stopSequences": list("abcdef")}}, "at most 5"),
        ("m", {"contents": [TEXT], "generationConfig": {"seed": 1 << 40}}, "seed"),
        (
            "m",
            {"contents": [TEXT], "generationConfig": {"thinkingConfig": {"thinkingBudget": 1, "thinkingLevel": "LOW"}}},
            "Only one",
        ),
        (
            "gemini-2.5-pro",
            {"contents": [TEXT], "generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}},
            "not supported",
        ),
        (
            "gemini-2.5-pro",
            {"contents": [TEXT], "tools": FUNCTIONS, "generationConfig": {"responseMimeType": "application/json"}},
            "unsupported",
        ),
        (
            "m",
            {"contents": [contents({"inlineData": {"mimeType": "image/gif", "data": "R0lG"}})]},
            "Unsupported MIME type",
        ),
        ("m", {"contents": [contents({"inlineData": {"mimeType": "image/png", "data": "!"}})]}, "Base64"),
    ],
)
def test_what_gemini_refuses(cloud, model, body, words):
    code, answer = raw(cloud, f"/v1beta/models/{model}:generateContent", body)
    assert code == 400 and words in answer["error"]["message"], answer
    assert (answer["error"]["code"], answer["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_gemini_takes_both_spellings_and_a_call_without_a_seal(cloud):
    call = {"function_call": {"name": "f", "args": {}}, "thought_signature": "skip_thought_signature_validator"}
    body = {
        "contents": [TEXT, contents(call, role="model"), contents(RESULT)],
        "generation_config": {"max_output_tokens": 9},
    }
    code, answer = raw(cloud, "/v1beta/models/gemini-3-pro:generateContent", body)
    assert code == 200 and answer["candidates"][0]["content"]["parts"] == [{"text": "The tools said: x"}]


def test_thoughts_of_gemini_are_counted_apart(cloud):
    client = Gemini(cloud.url, KEY).client
    config = {"thinking_config": {"include_thoughts": True}}
    answer = client.models.generate_content(
        model="gemini-2.5-pro", contents="<<think: hm|, so>> <<say: yes>>", config=config
    )
    parts = answer.candidates[0].content.parts
    assert [(part.thought, part.text) for part in parts] == [(True, "hm, so"), (None, "yes")]
    usage = answer.usage_metadata
    assert (usage.thoughts_token_count, usage.candidates_token_count, usage.total_token_count) == (2, 1, 12)


def test_a_prompt_that_gemini_blocks(cloud):
    client = Gemini(cloud.url, KEY).client
    answer = client.models.generate_content(model="m", contents="<<filter: prompt>>")
    assert answer.prompt_feedback.block_reason.value == "PROHIBITED_CONTENT" and not answer.candidates


def test_a_stream_of_gemini_without_sse_is_a_list(cloud):
    code, answer = raw(cloud, "/v1beta/models/m:streamGenerateContent", {"contents": [TEXT]})
    assert code == 200 and len(answer) == 5 and answer[-1]["candidates"][0]["finishReason"] == "STOP"
    code, answer = raw(cloud, "/v1beta/models/m:streamGenerateContent", {})
    assert code == 400 and answer[0]["error"]["code"] == 400


def test_vectors_of_gemini(cloud):
    client = Gemini(cloud.url, KEY).client
    got = client.models.embed_content(
        model="gemini-embedding-001", contents=["a", "b"], config={"output_dimensionality": 12}
    )
    assert [len(one.values) for one in got.embeddings] == [12, 12] and got.embeddings[0] != got.embeddings[1]


def test_gemini_knows_whoever_has_no_key(cloud):
    got = request(cloud.port, "POST", "/v1beta/models/m:generateContent", {"contents": [TEXT]}, host=cloud.address)
    assert got.status == 403 and json.loads(got.body)["error"]["status"] == "PERMISSION_DENIED"


def test_models_are_listed(cloud):
    assert {model.id for model in OpenAI(cloud.url, KEY).client.models.list()} >= {"m-large"}
    assert [model.id for model in Anthropic(cloud.url, KEY).client.models.list()] == ["m-large"]
    client = Gemini(cloud.url, KEY).client
    assert [model.name for model in client.models.list()] == ["models/m-large"]


def test_paths_of_nobody(cloud):
    assert raw(cloud, "/v1/images", {})[0] == 404
    code, answer = raw(cloud, "/v1/messages/batches", {}, **{"anthropic-version": "2023-06-01"})
    assert (code, answer["error"]["type"]) == (404, "not_found_error")
    assert raw(cloud, "/v1beta/models/m:predict", {})[1]["error"]["status"] == "NOT_FOUND"
