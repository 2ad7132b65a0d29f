"""Every dialect in, every provider out: real SDKs, through Gatehouse, to the simulated providers of `deploy/lib`."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ollama
import openai
import pytest

from gate import PROVIDER_KEY, Local, Node
from harness import peak, post, rss
from outside import Cloud
from speakers import KINDS, PNG, WEATHER, Anthropic, OpenAI, part

CALLS = '<<call: weather {"city": "Köln", "days": 2}>> <<call: weather {"city": "Bonn", "days": 1}>>'
ASKED = [("weather", {"city": "Köln", "days": 2}), ("weather", {"city": "Bonn", "days": 1})]
MODELS = {
    "openai": "gpt-4.1", "azure": "gpt-4.1", "anthropic": "claude-sonnet-4-5", "gemini": "gemini-2.5-flash",
}  # fmt: skip


class Ollama:
    """Ollama's own SDK, with the face of the other speakers."""

    errors = ollama
    ends = {"stop": "stop", "length": "length", "calls": "stop"}
    tools = {"tools": OpenAI.tools["tools"]}
    schema = {"format": WEATHER}

    def __init__(self, url, key, model):
        self.model, self.client = model, ollama.Client(host=url, headers={"Authorization": f"Bearer {key}"})

    def messages(self, turns):
        return [{"role": "user", "content": turn} if isinstance(turn, str) else turn for turn in turns]

    def ask(self, *turns, **more):
        answer = self.client.chat(model=self.model, messages=self.messages(turns), **more)
        calls = [(call.function.name, dict(call.function.arguments)) for call in answer.message.tool_calls or []]
        return answer.message.content, calls, answer.done_reason, (answer.prompt_eval_count, answer.eval_count)

    def stream(self, *turns, **more):
        records = list(self.client.chat(model=self.model, messages=self.messages(turns), stream=True, **more))
        assert [record.done for record in records[:-1]] == [False] * (len(records) - 1) and records[-1].done
        words = [record.message.content for record in records if record.message.content]
        calls = [
            (call.function.name, dict(call.function.arguments))
            for record in records for call in record.message.tool_calls or []
        ]  # fmt: skip
        last = records[-1]
        return words, calls, last.done_reason, (last.prompt_eval_count, last.eval_count)

    def again(self, question, results):
        first = self.client.chat(model=self.model, messages=self.messages([question]), **self.tools)
        told = [{"role": "tool", "tool_name": "weather", "content": said} for said in results]
        return self.ask(question, first.message, *told, **self.tools)

    @staticmethod
    def few(tokens):
        return {"options": {"num_predict": tokens}}

    @staticmethod
    def stops(text):
        return {"options": {"stop": [text]}}

    @staticmethod
    def picture(words):
        return {"role": "user", "content": words, "images": [PNG]}


class Responses:
    """OpenAI's SDK by its newer API."""

    errors = openai
    ends = {"stop": "completed", "length": "incomplete", "calls": "completed"}
    tools = {"tools": [{"type": "function", "name": "weather", "parameters": WEATHER, "strict": True}]}
    schema = {"text": {"format": {"type": "json_schema", "name": "w", "schema": WEATHER, "strict": True}}}

    def __init__(self, url, key, model):
        self.model, self.client = model, openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0)

    def items(self, turns):
        return [{"role": "user", "content": turn} if isinstance(turn, str) else turn for turn in turns]

    def ask(self, *turns, **more):
        return self._read(self.client.responses.create(model=self.model, input=self.items(turns), **more))

    @staticmethod
    def _read(answer):
        calls = [(item.name, json.loads(item.arguments)) for item in answer.output if item.type == "function_call"]
        usage = answer.usage
        told = (usage.input_tokens, usage.output_tokens)
        details = (part(usage.input_tokens_details, "cached_tokens"), part(usage.output_tokens_details, "reasoning_tokens"))
        return answer.output_text, calls, answer.status, told + details

    def stream(self, *turns, **more):
        given = {"model": self.model, "input": self.items(turns), **more}
        with self.client.responses.stream(**given) as stream:
            events = list(stream)
            words = [event.delta for event in events if event.type == "response.output_text.delta"]
            numbers = [event.sequence_number for event in events]
            assert numbers == list(range(len(numbers)))
            return words, *self._read(events[-1].response)[1:]

    def again(self, question, results):
        first = self.client.responses.create(model=self.model, input=self.items([question]), **self.tools)
        calls = [item for item in first.output if item.type == "function_call"]
        told = [
            {"type": "function_call_output", "call_id": call.call_id, "output": said}
            for call, said in zip(calls, results)
        ]
        return self.ask(question, *(item.model_dump(exclude_none=True) for item in first.output), *told, **self.tools)

    @staticmethod
    def few(tokens):
        return {"max_output_tokens": max(tokens, 16)}

    @staticmethod
    def picture(words):
        image = {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "auto"}
        return {"role": "user", "content": [{"type": "input_text", "text": words}, image]}


CALLERS = [OpenAI, Anthropic, Ollama, Responses]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud"), api_key=PROVIDER_KEY) as provider:
        yield provider


@pytest.fixture(scope="module")
def node(cloud, tmp_path_factory):
    key = tmp_path_factory.mktemp("key") / "key"
    key.write_text(PROVIDER_KEY)
    key.chmod(0o600)
    place = {"zone": "external", "jurisdiction": "EU", "url": cloud.url, "key": {"file": str(key)}, "slots": 8}
    terms = {"jurisdiction": "EU", "prefixes": [f"{cloud.address}/32"], "tls": {"ca": str(cloud.ca)}}
    when = {"sensitivity_max": "public", "triggers": ["caller_requested"]}
    rules = {
        "schema": 1,
        "revision": "story",
        "defaults": {"sensitivity": "public"},
        "external": {name: {**terms, "models": [MODELS[name]]} for name in KINDS},
        "rules": [{"id": "open", "effect": "allow", "to": list(KINDS), "when": when}],
    }
    manifest = {"schema": 1, "external": {name: {"backend": name, "model": MODELS[name]} for name in KINDS}}
    with Local("tiny") as local:
        backends = {"inside": local.port, **{name: {**place, **kind} for name, kind in KINDS.items()}}
        with Node(backends, cloud, rules, manifest) as node:
            yield node


@pytest.fixture(params=CALLERS, ids=lambda caller: caller.__name__.lower())
def caller(request):
    return request.param


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def api(node, caller, kind):
    return caller(f"http://127.0.0.1:{node.port}", "unused", kind)


def test_an_answer(api):
    assert api.ask("hello")[:3] == ("An answer from outside.", [], api.ends["stop"])
    assert api.ask("<<say: Grüße, |Welt>>")[0] == "Grüße, Welt"


def test_a_stream(api):
    words, calls, end, cost = api.stream("<<say: Hel|lo, |wörld>>")
    assert ("".join(words), calls, end) == ("Hello, wörld", [], api.ends["stop"])
    assert len(words) == 3 and cost[:2] == (9, 3)


def test_calls_in_parallel_and_the_turn_after_them(api):
    for got in (api.ask(CALLS, **api.tools), api.stream(CALLS, **api.tools)):
        assert got[1:3] == (ASKED, api.ends["calls"])
    assert api.again(CALLS, ["18 degrees", "rain"])[0] == "The tools said: 18 degrees; rain"


def test_an_instance_of_a_schema(api):
    assert json.loads(api.ask("json", **api.schema)[0]) == {"city": "a", "days": 3}


def test_a_picture(api):
    assert api.ask(api.picture("what is this?"))[0] == "I see image/png of 68 bytes."


def test_the_cost(api):
    assert api.ask("<<usage: prompt=100 output=40 cached=60 reasoning=25>>")[3][:2] == (100, 40)


def test_the_bound(api):
    words = "<<say: " + "|".join("w" for _ in range(40)) + ">>"
    text, _, end, _ = api.ask(words, **api.few(16))
    assert (len(text), end) == (16, api.ends["length"])


@pytest.mark.parametrize("caller", [OpenAI, Anthropic, Ollama], indirect=True, ids=["openai", "anthropic", "ollama"])
def test_stop_texts(api):
    assert api.ask("<<say: one, |two, |three>>", **api.stops("two"))[0] == "one, "


def test_errors_reach_the_caller_as_its_own(api, caller):
    with pytest.raises(Exception) as seen:
        api.ask("<<error: 400>>")
    assert type(seen.value).__name__ in ("BadRequestError", "ResponseError")
    assert getattr(seen.value, "status_code") == 400


def test_a_stream_that_breaks_is_told(api):
    with pytest.raises(Exception):
        api.stream("<<say: one |two |three>> <<fail: 1>>")


def test_what_cannot_be_said_is_named_or_refused(node, kind):
    body = {"model": kind, "messages": [{"role": "user", "content": "hi"}], "options": {"mirostat": 2}, "stream": False}
    answer = post(node.port, "/api/chat", body)
    assert answer.status == 200 and "mirostat" in answer.headers["x-gatehouse-dropped"]
    refused = post(node.port, "/api/generate", {"model": kind, "prompt": "hi", "raw": True})
    assert refused.status == 400 and "raw" in refused.json["error"]


@pytest.mark.parametrize("kind", ["openai", "azure", "gemini"], indirect=True)
def test_vectors(node, kind):
    client = openai.OpenAI(base_url=f"http://127.0.0.1:{node.port}" + "/v1", api_key="unused", max_retries=0)
    for form in ("float", "base64"):
        answer = client.embeddings.create(model=kind, input=["a", "b"], encoding_format=form)
        assert [len(item.embedding) for item in answer.data] == [2, 2] or form == "base64"
    native = ollama.Client(host=f"http://127.0.0.1:{node.port}")
    assert len(native.embed(model=kind, input=["a", "b"]).embeddings) == 2


def test_vectors_that_nobody_makes(node):
    answer = post(node.port, "/v1/embeddings", {"model": "anthropic", "input": "a"})
    assert answer.json["error"]["code"] == "dialect_unsupported"


def with_picture(caller, kind, base64):
    """A request of nearly 32 MiB, and where it goes."""
    said = {"type": "text", "text": "what is this?"}
    if caller is OpenAI:
        picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64}}
        path, body = "/v1/chat/completions", {"messages": [{"role": "user", "content": [said, picture]}]}
    elif caller is Anthropic:
        picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": base64}}
        path, body = "/v1/messages", {"max_tokens": 9, "messages": [{"role": "user", "content": [said, picture]}]}
    elif caller is Ollama:
        message = {"role": "user", "content": said["text"], "images": [base64]}
        path, body = "/api/chat", {"messages": [message], "stream": False}
    else:
        parts = [{**said, "type": "input_text"}, {"type": "input_image", "image_url": "data:image/png;base64," + base64}]
        path, body = "/v1/responses", {"input": [{"role": "user", "content": parts}]}
    return path, json.dumps({"model": kind, **body})


@pytest.mark.parametrize(
    "caller, kind, at_once",
    [
        (OpenAI, "anthropic", 1), (Anthropic, "gemini", 1), (Ollama, "azure", 1), (Responses, "openai", 1),
        pytest.param(Anthropic, "openai", 8, marks=pytest.mark.slow),
    ],
    indirect=["caller", "kind"],
)  # fmt: skip
def test_a_body_full_of_pictures_is_held_twice_at_most(node, caller, kind, at_once):
    """The body as it came and the one that is sent; curl and the kernel hold pieces alone."""
    size = 31 << 20
    path, body = with_picture(caller, kind, "iVBORw0KGgo" + "A" * (size - 11))
    before = rss(node.pid)
    Path(f"/proc/{node.pid}/clear_refs").write_text("5")  # The peak is told anew.
    begun = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        answers = list(pool.map(lambda _: post(node.port, path, body), range(at_once)))
    assert [answer.status for answer in answers] == [200] * at_once, answers[0].body[:500]
    assert f"I see image/png of {size * 3 // 4} bytes." in answers[0].body.decode()
    held = (peak(node.pid) - before) / len(body) / at_once
    print(f"{caller.__name__} to {kind}, {at_once} at once: {held:.2f} bodies each, {time.monotonic() - begun:.1f} s")
    assert held < 2.5
    assert time.monotonic() - begun < 10 * at_once, "the simulated provider reads one after the other"


def test_an_error_in_a_response_goes_on_counting(node, kind):
    body = {"model": kind, "input": "<<say: one |two |three>> <<pause: 0.2>> <<fail: 2>>", "stream": True}
    lines = post(node.port, "/v1/responses", body).body.decode().splitlines()
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert events[-1]["type"] == "error" and events[-1]["code"] == "upstream_error"
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
