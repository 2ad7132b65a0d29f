"""`model: "auto"` chooses the tier, says which and why, and guesses of tokens get better."""
import json

import openai
import pytest

from harness import Gatehouse, Simulated, get, post, until

# As the simulated server has them.
SMALL, CHAT, DEEP, EYES = "qwen2.5-coder:7b", "llama3.2:3b", "qwen3:8b", "llava:7b"
VECTORS = "nomic-embed-text"
MANIFEST = f"""schema: 1
models:
  '{SMALL}': {{capabilities: [completion, tools], context: 32768}}
  '{CHAT}': {{capabilities: [completion, tools], context: 4096}}
  '{DEEP}': {{capabilities: [completion, thinking]}}
  '{EYES}': {{capabilities: [completion, vision]}}
  '{VECTORS}': {{capabilities: [embedding]}}
tiers:
  simple: ['{SMALL}']
  general: ['{CHAT}']
  reasoning: ['{DEEP}']
  long-context: ['{SMALL}']
  seeing: ['{EYES}']
  embedding: ['{VECTORS}']
"""
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
LONG = "word " * 4000


@pytest.fixture(scope="module")
def node():
    with Simulated("--tokens-per-second", "0") as ollama, Gatehouse({"gpu1": ollama.port}, manifest=MANIFEST) as node:
        node.key = add_key(node, "web")
        keys = node.folder / "keys.yaml"
        keys.write_text(keys.read_text().replace("name: web\n", "name: web\n    features: ['*']\n"))
        node.command("reload")
        yield node


def add_key(node, name, *options):
    made = node.command("keys", "add", "--project", "web", *options, name)
    return next(word for word in made.stdout.split() if word.startswith("gh_"))


@pytest.fixture(scope="module")
def client(node):
    return openai.OpenAI(base_url=f"http://127.0.0.1:{node.port}/v1", api_key=node.key, max_retries=0)


def messages(text):
    return [{"role": "user", "content": text}]


PICTURE = [{"type": "text", "text": "what is it?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]

CASES = {
    "plain": (dict(messages=messages("hi")), None, "general; rule=default", CHAT),
    "classification": (dict(messages=messages("spam?")), "mail-classification", "simple; rule=features", SMALL),
    "code": (dict(messages=messages("say: done")), "code-review", "reasoning; rule=features", DEEP),
    "tools": (dict(messages=messages("hi"), tools=[TOOL]), None, "general; rule=tools", CHAT),
    "long": (dict(messages=messages(LONG)), None, "long-context; rule=prompt_tokens_over", SMALL),
    "images": (dict(messages=[{"role": "user", "content": PICTURE}]), None, "seeing; rule=images", EYES),
}


@pytest.mark.parametrize("name", CASES)
def test_auto_chooses_and_tells(name, client, node, tmp_path):
    fields, feature, told, model = CASES[name]
    headers = {"x-gatehouse-feature": feature} if feature else {}
    raw = client.chat.completions.with_raw_response.create(model="auto", extra_headers=headers, **fields)
    assert raw.headers["x-gatehouse-tier"] == told
    assert raw.headers["x-gatehouse-reason"] == "allow_local"
    assert raw.parse().model == model
    # The same is told by the request's record, and beforehand without asking the node.
    tier, rule = told.split("; rule=")
    shown = json.loads(node.command("requests", "show", raw.headers["x-gatehouse-request-id"], "--json").stdout)
    assert (shown["tier"], shown["tierRule"], shown["model"]) == (tier, rule, model)
    body = tmp_path / "body.json"
    body.write_text(json.dumps({"model": "auto", **fields}))
    options = ["--feature", feature] if feature else []
    explained = node.command("explain", "--request", str(body), "--key", "web", *options, "--json")
    resolution = json.loads(explained.stdout)["resolution"]
    assert (resolution["tier"], resolution["auto"]["rule"]) == (tier, rule)
    text = node.command("explain", "--request", str(body), "--key", "web", *options).stdout
    assert f"`auto`, which leads to tier `{tier}`" in text


def test_a_stream_tells_its_tier_and_the_log_has_it(client, node):
    stream = client.chat.completions.with_raw_response.create(model="auto", messages=messages("say: a b"), stream=True)
    assert stream.headers["x-gatehouse-tier"] == "general; rule=default"
    identity = stream.headers["x-gatehouse-request-id"]
    assert "".join(c.choices[0].delta.content or "" for c in stream.parse()) == "a b"
    line = until(lambda: next((text for text in node.output.splitlines() if identity in text), None), what="the line")
    assert (json.loads(line)["tier"], json.loads(line)["tier_rule"]) == ("general", "default")


def test_a_tier_by_its_name_is_told_without_a_rule_and_a_model_not_at_all(client):
    def header(model):
        raw = client.chat.completions.with_raw_response.create(model=model, messages=messages("hi"))
        return raw.headers.get("x-gatehouse-tier")

    assert header("simple") == "simple"
    assert header(CHAT) is None


def test_auto_embeds(client):
    raw = client.embeddings.with_raw_response.create(model="auto", input="hello")
    assert raw.headers["x-gatehouse-tier"] == "embedding; rule=embeddings"
    assert raw.parse().data[0].embedding


def test_auto_is_listed(client, node):
    assert "auto" in [model.id for model in client.models.list()]
    assert client.models.retrieve("auto").owned_by == "gatehouse"
    tags = get(node.port, "/api/tags", headers={"Authorization": f"Bearer {node.key}"}).json
    assert "auto" in [model["name"] for model in tags["models"]]
    assert "auto" in node.command("models", "list").stdout


def test_a_key_for_one_tier_is_led_there_and_nowhere_else(node):
    key = add_key(node, "narrow", "--model", "general")

    def ask(text):
        body = {"model": "auto", "messages": messages(text)}
        return post(node.port, "/v1/chat/completions", body, headers={"Authorization": f"Bearer {key}"})

    assert ask("hi").status == 200
    refused = ask(LONG)
    assert (refused.status, refused.json["error"]["code"]) == (403, "key_forbidden")


def figures(node, name):
    page = get(node.operations, "/metrics").body.decode()
    lines = [line.rsplit(" ", 1) for line in page.splitlines() if line.startswith(name + "{")]
    return {labels.split('model="')[1].split('"')[0]: float(value) for labels, value in lines}


def test_guesses_of_tokens_get_better_and_count_tokens_uses_them(node):
    # To the simulated server the frame of a message is nine tokens, so that short messages are more than their bytes say.
    body = {"model": CHAT, "max_tokens": 5, "messages": messages("a") * 200}
    headers = {"Authorization": f"Bearer {node.key}"}

    def counted():
        return post(node.port, "/v1/messages/count_tokens", body, headers=headers).json["input_tokens"]

    before = counted()
    for _ in range(40):
        answer = post(node.port, "/v1/chat/completions", body, headers=headers)
        assert answer.status == 200
    actual = answer.json["usage"]["prompt_tokens"]
    assert abs(before - actual) > 0.1 * actual
    # Booked after the answer.
    until(lambda: figures(node, "gatehouse_token_estimate_samples_total").get(CHAT, 0) >= 40, what="the samples")
    after = counted()
    assert abs(after - actual) < 0.03 * actual
    # The same bytes are now so many tokens more.
    assert figures(node, "gatehouse_token_estimate_ratio")[CHAT] == pytest.approx(0.25 * after / before, rel=0.01)
    assert 0 < figures(node, "gatehouse_token_estimate_error")[CHAT] < 0.2
