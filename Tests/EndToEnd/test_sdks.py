"""Real clients, every provider: what applications written with LangChain and litellm do, the helpers of the makers' own
SDKs, and that each raises its own class. Simulated are Ollama and an OpenAI-compatible server inside, and OpenAI,
Azure, Anthropic and Gemini outside."""

import asyncio
import json
import os
import time

import anthropic
import ollama
import openai
import pytest
from gate import PROVIDER_KEY, Node
from harness import Simulated, until
from outside import Cloud
from pydantic import BaseModel
from speakers import KINDS, PNG

# Before litellm is loaded: it would fetch a list of prices.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
    os.environ.pop(name, None)

MODELS = {
    "openai": "gpt-4.1", "azure": "gpt-4.1", "anthropic": "claude-sonnet-4-5", "gemini": "gemini-3-pro-preview",
}  # fmt: skip
INSIDE, LOCAL, LOCAL_THINKER = "m-large", "llama3.2:3b", "qwen3:8b"
PROVIDERS = [*KINDS, INSIDE]

WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"type": "function", "function": {"name": "weather", "description": "of a city", "parameters": WEATHER}}
# Two calls at once, then one more that the first result asks for, then an answer.
CALLS = '<<call: weather {"city": "Köln"}>> <<call: weather {"city": "Bonn"}>>'
MORE = '<<call: weather {"city": "Ulm"}>>'


class Person(BaseModel):
    name: str
    age: int


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud"), api_key=PROVIDER_KEY) as provider:
        yield provider


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("inside"), address="127.0.0.1", tls=False) as server:
        yield server


@pytest.fixture(scope="module")
def node(cloud, inside, tmp_path_factory):
    """Each provider stands there twice, the second time with a key that it does not take: `keyless-openai` ..."""
    keys = {}
    for name, secret in (("", PROVIDER_KEY), ("keyless-", "sk-wrong")):
        keys[name] = tmp_path_factory.mktemp("key") / "key"
        keys[name].write_text(secret)
        keys[name].chmod(0o600)
    places = {}
    for prefix, key in keys.items():
        for name, kind in KINDS.items():
            more = {"zone": "external", "jurisdiction": "EU", "url": cloud.url, "key": {"file": str(key)}, "slots": 16}
            places[prefix + name] = {**more, **kind}
    model = {name: MODELS[name.removeprefix("keyless-")] for name in places}
    terms = {"jurisdiction": "EU", "prefixes": [f"{cloud.address}/32"], "tls": {"ca": str(cloud.ca)}}
    when = {"sensitivity_max": "public", "triggers": ["caller_requested"]}
    rules = {
        "schema": 1,
        "revision": "story",
        "defaults": {"sensitivity": "public"},
        "external": {name: {**terms, "models": [model[name]]} for name in places},
        "rules": [{"id": "open", "effect": "allow", "to": list(places), "when": when}],
    }
    external = {name: {"backend": name, "model": model[name]} for name in places}
    manifest = {"schema": 1, "discovered": "serve", "external": external}
    with Simulated("--tokens-per-second", "0") as local:
        backends = {
            "gpu1": {"url": f"http://127.0.0.1:{local.port}", "slots": 16},
            "beside": {"kind": "openai", "url": inside.url, "slots": 16},
            **places,
        }
        with Node(backends, cloud, rules, manifest) as node:
            node.local = local
            yield node


@pytest.fixture
def url(node):
    return f"http://127.0.0.1:{node.port}"


@pytest.fixture
def client(url):
    return openai.OpenAI(base_url=url + "/v1", api_key="unused", max_retries=0)


@pytest.fixture
def claude(url):
    return anthropic.Anthropic(base_url=url, api_key="unused", max_retries=0)


@pytest.fixture
def native(url):
    return ollama.Client(host=url)


every_provider = pytest.mark.parametrize("model", PROVIDERS)
every_model = pytest.mark.parametrize("model", [*PROVIDERS, LOCAL])


def user(text):
    return [{"role": "user", "content": text}]


def say(model, text):
    return f"say: {text}" if model == LOCAL else f"<<say: {text}>>"


# LangChain


class LangChain:
    """LangChain's models, by the three APIs that they speak."""

    def __init__(self, url, api):
        self.url, self.api = url, api

    def __call__(self, model, **more):
        from langchain_ollama import ChatOllama
        from langchain_openai import ChatOpenAI

        if self.api == "ollama":
            return ChatOllama(base_url=self.url, model=model, **more)
        more |= {"use_responses_api": True} if self.api == "responses" else {"stream_usage": True}
        return ChatOpenAI(base_url=self.url + "/v1", api_key="unused", model=model, max_retries=0, **more)


@pytest.fixture(params=["chat", "responses", "ollama"])
def langchain(url, request):
    return LangChain(url, request.param)


def total(chunks):
    chunks = list(chunks)
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk
    return whole


@every_model
def test_langchain_answers_and_streams(langchain, model):
    chat = langchain(model)
    asked = [("system", "be kind"), ("user", say(model, "Hello, |world"))]
    hello = "Hello, |world" if model == LOCAL else "Hello, world"
    answer = chat.invoke(asked)
    assert answer.text == hello and answer.usage_metadata["output_tokens"] > 0
    streamed = total(chat.stream(asked))
    assert streamed.text == hello and streamed.usage_metadata["output_tokens"] > 0


@every_provider
def test_langchain_tools_over_three_turns(langchain, model):
    from langchain_core.messages import HumanMessage, ToolMessage

    chat = langchain(model).bind_tools([TOOL])
    turns = [HumanMessage(CALLS)]
    first = total(chat.stream(turns))
    assert [call["args"] for call in first.tool_calls] == [{"city": "Köln"}, {"city": "Bonn"}]
    results = zip(first.tool_calls, (MORE, "rain"))
    turns += [first, *(ToolMessage(said, tool_call_id=call["id"]) for call, said in results)]
    second = chat.invoke(turns)
    assert [call["args"] for call in second.tool_calls] == [{"city": "Ulm"}]
    turns += [second, ToolMessage("snow", tool_call_id=second.tool_calls[0]["id"])]
    assert chat.invoke(turns).text == "The tools said: snow"


@every_provider
@pytest.mark.parametrize("choice", ["auto", "none", "any", "weather"])
def test_langchain_chooses_tools(url, model, choice):
    answer = LangChain(url, "chat")(model).bind_tools([TOOL], tool_choice=choice).invoke("hello")
    assert bool(answer.tool_calls) == (choice in ("any", "weather"))


@every_model
@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_langchain_structured_output(langchain, model, method):
    words = {
        "json_schema": "a person",
        "function_calling": '<<call: Person {"name": "a", "age": 3}>>',
        "json_mode": 'as JSON: <<say: {"name": "a", "age": 3}>>',
    }
    if model == LOCAL and method != "json_schema":
        pytest.skip("this server makes up the words itself")
    chat = langchain(model).with_structured_output(Person, method=method)
    if model == "anthropic" and method == "json_mode":
        with pytest.raises(Exception, match="response_format"):
            chat.invoke(words[method])
    else:
        assert isinstance(chat.invoke(words[method]), Person)


@every_provider
def test_langchain_pictures(langchain, model):
    from langchain_core.messages import HumanMessage

    for image in (
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
        {"type": "image", "base64": PNG, "mime_type": "image/png"},
    ):
        answer = langchain(model).invoke([HumanMessage([{"type": "text", "text": "what is this?"}, image])])
        assert answer.text == "I see image/png of 68 bytes."


@pytest.mark.parametrize("model", ["openai", "azure", "gemini", INSIDE, "nomic-embed-text"])
def test_langchain_vectors(url, model):
    from langchain_ollama import OllamaEmbeddings
    from langchain_openai import OpenAIEmbeddings

    told = {"base_url": url + "/v1", "api_key": "unused", "model": model, "max_retries": 0}
    vectors = OpenAIEmbeddings(**told, check_embedding_ctx_length=False).embed_documents(["a", "b"])
    others = OllamaEmbeddings(base_url=url, model=model).embed_documents(["a", "b"])
    assert len(vectors) == len(others) == 2
    for one, other in zip(vectors, others):
        assert one == pytest.approx(other, abs=1e-6)


# litellm


def litellm(url, api, model):
    base = url + "/v1" if api in ("openai", "hosted_vllm") else url
    return {"model": f"{api}/{model}", "api_base": base, "api_key": "unused", "max_retries": 0}


every_api = pytest.mark.parametrize("api", ["openai", "anthropic", "ollama_chat"])


@every_api
@every_model
def test_litellm_answers_and_streams(url, api, model):
    from litellm import acompletion, completion

    told = litellm(url, api, model)
    answer = completion(messages=user(say(model, "hello")), max_tokens=50, **told)
    assert answer.choices[0].message.content == "hello" and answer.usage.completion_tokens > 0
    chunks = completion(messages=user(say(model, "hello")), stream=True, **told)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "hello"
    later = asyncio.run(acompletion(messages=user(say(model, "hello")), **told))
    assert later.choices[0].message.content == "hello"


@every_api
@every_provider
def test_litellm_tools_over_three_turns(url, api, model):
    from litellm import completion

    told = {**litellm(url, api, model), "tools": [TOOL]}
    turns = user(CALLS)
    for results, wanted in (((MORE, "rain"), ["Köln", "Bonn"]), (("snow",), ["Ulm"])):
        message = completion(messages=turns, **told).choices[0].message
        calls = message.tool_calls
        assert [json.loads(call.function.arguments)["city"] for call in calls] == wanted
        turns += [message.model_dump(exclude_none=True)]
        for call, said in zip(calls, results):
            turns += [{"role": "tool", "tool_call_id": call.id, "name": "weather", "content": said}]
    assert completion(messages=turns, **told).choices[0].message.content == "The tools said: snow"


@every_api
@every_provider
def test_litellm_schemas_and_pictures(url, api, model):
    from litellm import completion

    told = litellm(url, api, model)
    answer = completion(messages=user("a person"), response_format=Person, **told)
    Person.model_validate_json(answer.choices[0].message.content)
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    answer = completion(messages=user([{"type": "text", "text": "what is this?"}, image]), **told)
    assert answer.choices[0].message.content == "I see image/png of 68 bytes."


@pytest.mark.parametrize("api", ["openai", "ollama", "hosted_vllm"])
@pytest.mark.parametrize("model", ["openai", "azure", "gemini", INSIDE, "nomic-embed-text"])
def test_litellm_vectors(url, api, model):
    from litellm import embedding

    assert len(embedding(input=["a", "b"], **litellm(url, api, model)).data) == 2


# The makers' own SDKs


@every_model
def test_helpers_of_openai(client, model):
    chat = client.chat.completions
    told = {"model": model, "messages": user("a person"), "response_format": Person}
    assert isinstance(chat.parse(**told).choices[0].message.parsed, Person)
    with chat.stream(**told) as stream:
        stream.until_done()
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, Person)
    assert isinstance(client.responses.parse(model=model, input="a person", text_format=Person).output_parsed, Person)
    with client.responses.stream(model=model, input="a person", text_format=Person) as stream:
        stream.until_done()
        assert isinstance(stream.get_final_response().output_parsed, Person)


@every_model
def test_helpers_of_anthropic(claude, model):
    told = {"model": model, "max_tokens": 99}
    parsed = claude.messages.parse(**told, messages=user("a person"), output_format=Person)
    assert isinstance(parsed.parsed_output, Person)
    assert claude.messages.count_tokens(model=model, messages=user("hello")).input_tokens > 0
    if model == LOCAL:
        return
    tools = [{"name": "weather", "input_schema": WEATHER}]
    with claude.messages.stream(**told, messages=user(f"<<say: look>> {CALLS}"), tools=tools) as stream:
        parts = [event.snapshot for event in stream if event.type == "input_json"]
        calls = [block.input for block in stream.get_final_message().content if block.type == "tool_use"]
    assert calls == [{"city": "Köln"}, {"city": "Bonn"}] and {"city": "Köln"} in parts


@every_model
def test_what_is_known_of_models(client, claude, native, model):
    assert client.models.retrieve(model).id and claude.models.retrieve(model).id
    assert "completion" in native.show(model).capabilities
    for found in ([one.id for one in client.models.list()], [one.id for one in claude.models.list()]):
        assert {*KINDS, f"{INSIDE}:latest", LOCAL} <= set(found)


@every_model
def test_many_at_once(url, model):
    async def ask():
        async with openai.AsyncOpenAI(base_url=url + "/v1", api_key="unused", max_retries=0) as client:
            create = client.chat.completions.create
            answers = await asyncio.gather(*(create(model=model, messages=user(say(model, "hi"))) for _ in range(5)))
            return [answer.choices[0].message.content for answer in answers]

    assert asyncio.run(ask()) == ["hi"] * 5


# What cannot be carried on the way that passes


def test_what_ollama_would_pass_over_is_named_or_refused(client, node):
    raw = client.chat.completions.with_raw_response
    asked = {"model": LOCAL, "messages": user("say: hi"), "tools": [TOOL], "tool_choice": "required", "user": "me"}
    answer = raw.create(**asked)
    assert answer.headers["x-gatehouse-dropped"] == "tool_choice, user"
    assert {"tool_choice", "user"} <= node.local.bodies[-1].keys(), "the body is as it came"
    with pytest.raises(openai.BadRequestError, match="n") as caught:
        raw.create(model=LOCAL, messages=user("say: hi"), n=2)
    assert caught.value.code == "unsupported_parameter"
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model=LOCAL, input="say: hi", previous_response_id="resp_1")
    with pytest.raises(openai.BadRequestError, match="check_embedding_ctx_length"):
        client.embeddings.create(model="nomic-embed-text", input=[[1, 2, 3]])


def test_a_thinking_conversation_moves_from_provider_to_provider(claude, client):
    """Seals of one are not shown to another; what was said and called stays."""
    told = {"max_tokens": 3000, "thinking": {"type": "enabled", "budget_tokens": 1024}}
    turns = user("<<think: hm>> <<say: ok>>")
    for model in ("gemini", "anthropic", "openai", "anthropic", INSIDE, "anthropic", LOCAL_THINKER):
        answer = claude.messages.create(model=model, messages=turns, **told)
        turns += [{"role": "assistant", "content": answer.content}, *user("<<think: more>> <<say: and on>>")]
    items = user("<<think: hm>> <<say: ok>>")
    for model in ("anthropic", LOCAL_THINKER, "gemini", "anthropic"):
        answer = client.responses.create(model=model, input=items, reasoning={"effort": "low", "summary": "auto"})
        items += [item.model_dump(exclude_none=True) for item in answer.output]
        items += user("<<think: more>> <<say: and on>>")


# Errors, and patience


@pytest.mark.parametrize("model", KINDS)
def test_a_key_that_the_provider_does_not_take_is_ours(client, model):
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model=f"keyless-{model}", messages=user("hi"))
    assert (caught.value.status_code, caught.value.code) == (502, "upstream_credentials")


@every_model
def test_errors_of_gatehouse_have_the_right_class(client, claude, native, model):
    late = {"extra_headers": {"x-request-timeout": "0.2"}}
    if model != LOCAL:
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(model=model, messages=user("<<wait: 1>>"), **late)
        assert caught.value.code == "deadline_exceeded"
    if model in KINDS:
        secret = {"extra_headers": {"x-gatehouse-sensitivity": "restricted"}}
        with pytest.raises(openai.PermissionDeniedError):
            client.chat.completions.create(model=model, messages=user("hi"), **secret)
        with pytest.raises(anthropic.PermissionDeniedError):
            claude.messages.create(model=model, max_tokens=9, messages=user("hi"), **secret)
    unknown = f"{model}-not-there"
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model=unknown, messages=user("hi"))
    with pytest.raises(anthropic.NotFoundError):
        claude.messages.create(model=unknown, max_tokens=9, messages=user("hi"))
    with pytest.raises(ollama.ResponseError, match="404"):
        native.chat(model=unknown, messages=user("hi"))


@every_provider
def test_who_leaves_in_the_middle_is_not_waited_for(url, cloud, inside, model):
    """By a timeout before the first byte, and by closing a stream."""
    server = inside if model == INSIDE else cloud
    client = openai.OpenAI(base_url=url + "/v1", api_key="unused", max_retries=0, timeout=0.3)

    def ended():
        return sum(event["event"] in ("connection lost", "closed") for event in server.events())

    before = ended()
    with pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(model=model, messages=user("<<wait: 1>>"))
    until(lambda: ended() > before, what="the end of the first")
    before = ended()
    words = "<<pause: 0.1>> <<say: " + "word|" * 200 + ">>"
    with client.chat.completions.create(model=model, messages=user(words), stream=True, timeout=10) as stream:
        next(iter(stream))
    until(lambda: ended() > before, what="the end of the second")


@every_provider
@pytest.mark.parametrize("status", [400, 413, 500])
def test_errors_of_providers_have_the_right_class(client, claude, native, model, status):
    order = user(f"<<error: {status}>>")
    name = {400: "BadRequestError", 413: "APIStatusError", 500: "InternalServerError"}[status]
    with pytest.raises(getattr(openai, name)):
        client.chat.completions.create(model=model, messages=order)
    with pytest.raises(getattr(anthropic, name)):
        claude.messages.create(model=model, max_tokens=9, messages=order)
    with pytest.raises(ollama.ResponseError):
        native.chat(model=model, messages=order)


@every_provider
def test_overload_and_limits_are_told_with_their_wait(client, claude, model):
    """503 is overload of a provider; of a server inside it is a full queue."""
    with pytest.raises(anthropic.RateLimitError if model == INSIDE else anthropic.InternalServerError) as caught:
        claude.messages.create(model=model, max_tokens=9, messages=user("<<error: 503 1>>"))
    assert caught.value.body["error"]["type"] == ("rate_limit_error" if model == INSIDE else "overloaded_error")
    time.sleep(int(caught.value.response.headers["retry-after"]))
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model=model, messages=user("<<error: 429 37>>"))
    assert caught.value.response.headers["retry-after"] == "37"
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model=model, messages=user("and now?"))
    assert 30 <= int(caught.value.response.headers["retry-after"]) <= 37
