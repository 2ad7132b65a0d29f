"""The tools that people point at Gatehouse: their own requests (`tools/*.json`), streamed as they stream them, and
read as they read them."""

import contextlib
import copy
import http.client
import json
from pathlib import Path

import pytest

from gate import PROVIDER_KEY, Local, Node
from harness import Answer, Gatehouse, Simulated, get, request, until
from outside import Cloud

TOOLS = {
    path.stem: json.loads(path.read_text())["requests"] for path in (Path(__file__).parent / "tools").glob("*.json")
}
PERSON = "00000000-0000-4000-8000-000000000000"
# What each tool calls its model, and what that is here.
ALIASES = {"claude-*": "llama3.2:3b", "claude-house": "llama3.2:3b", "gpt-*": "llama3.2:3b"}
PROVIDERS = {"openai": "gpt-4.1", "anthropic": "claude-opus-5", "gemini": "gemini-2.5-flash"}


def replaced(value, words):
    """`value` with some texts, or parts of them, in place of others."""
    if isinstance(value, dict):
        return {key: replaced(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [replaced(one, words) for one in value]
    for old, new in words.items() if isinstance(value, str) else ():
        value = value.replace(old, new)
    return value


def send(node, tool, name, words=None, key=None, **members):
    """Sends one of a tool's requests; `words` are replaced in its body, `members` set."""
    told = TOOLS[tool][name]
    body = told.get("body")
    if body is not None:
        body = {**replaced(copy.deepcopy(body), words or {}), **members}
    headers = dict(told["headers"])
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return request(node.port, told["method"], told["path"], body=body, headers=headers)


def events(answer):
    """The events of a stream: each with the name that its data has too."""
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"].startswith("text/event-stream")
    read = []
    for block in answer.body.decode().split("\n\n"):
        if not block:
            continue
        first, second = block.split("\n")
        data = json.loads(second.removeprefix("data: "))
        assert first == f"event: {data['type']}"
        read.append(data)
    return read


def chunks(answer):
    """The chunks of a chat, whose stream says that it is whole."""
    lines = [line for line in answer.body.decode().split("\n\n") if line]
    assert answer.status == 200 and lines.pop() == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def records(answer):
    """The lines of Ollama's own streams."""
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/x-ndjson"
    read = [json.loads(line) for line in answer.body.decode().splitlines()]
    assert [record["done"] for record in read] == [False] * (len(read) - 1) + [True]
    return read


def dropped(answer):
    return set(filter(None, answer.headers.get("x-gatehouse-dropped", "").split(", ")))


@pytest.fixture(scope="module")
def ollama():
    with Simulated("--tokens-per-second", "0") as server:
        yield server


@pytest.fixture(scope="module")
def node(ollama):
    manifest = {"schema": 1, "discovered": "serve", "models": {"llama3.2:3b": {}}, "aliases": ALIASES}
    with Gatehouse({"gpu1": ollama.port}, manifest=json.dumps(manifest), health={"interval": "1s"}) as server:
        yield server


def loaded(node, tool):
    """What `/api/ps` tells once the model is in memory: probes see it a moment later."""

    def told():
        models = {model["model"]: model for model in send(node, tool, "ps").json["models"]}
        return "llama3.2:3b" in models and models

    return until(told, what="a model in memory")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud"), api_key=PROVIDER_KEY) as provider:
        yield provider


@pytest.fixture(scope="module")
def outside(cloud, tmp_path_factory):
    """A node with a provider of each kind outside; the tools' own names lead there too."""
    key = tmp_path_factory.mktemp("key") / "key"
    key.write_text(PROVIDER_KEY)
    key.chmod(0o600)
    place = {"zone": "external", "jurisdiction": "EU", "url": cloud.url, "key": {"file": str(key)}}
    terms = {"jurisdiction": "EU", "prefixes": [f"{cloud.address}/32"], "tls": {"ca": str(cloud.ca)}}
    when = {"sensitivity_max": "public", "triggers": ["caller_requested"]}
    rules = {
        "schema": 1,
        "revision": "story",
        "defaults": {"sensitivity": "public"},
        "external": {name: {**terms, "models": [model]} for name, model in PROVIDERS.items()},
        "rules": [{"id": "open", "effect": "allow", "to": list(PROVIDERS), "when": when}],
    }
    models = {name: {"backend": name, "model": model} for name, model in PROVIDERS.items()}
    manifest = {"schema": 1, "external": models, "aliases": {"claude-opus-*": "anthropic", "gpt-5*": "openai"}}
    backends = {name: {**place, "kind": name} for name in PROVIDERS}
    with Local("tiny") as local, Node({"inside": local.port, **backends}, cloud, rules, manifest) as server:
        yield server


# MARK: Claude Code


def message(answer):
    """A message out of its events, in the order that Anthropic's SDK insists on: (words, calls, end, usage)."""
    told = [event for event in events(answer) if event["type"] != "ping"]
    assert told[0]["type"] == "message_start" and told[0]["message"]["content"] == []
    assert [event["type"] for event in told[-2:]] == ["message_delta", "message_stop"]
    words, calls, at = "", [], 1
    for index in range(len([event for event in told if event["type"] == "content_block_start"])):
        start = told[at]
        assert (start["type"], start["index"]) == ("content_block_start", index)
        at, arguments = at + 1, ""
        while told[at]["type"] == "content_block_delta":
            assert told[at]["index"] == index
            delta = told[at]["delta"]
            words += delta.get("text", "")
            arguments += delta.get("partial_json", "")
            at += 1
        assert (told[at]["type"], told[at]["index"]) == ("content_block_stop", index)
        at += 1
        if start["content_block"]["type"] == "tool_use":
            calls.append((start["content_block"]["name"], json.loads(arguments)))
    assert at == len(told) - 2
    return words, calls, told[-2]["delta"]["stop_reason"], told[-2]["usage"]


def test_claude_code_finds_models_of_anthropics_shape(node):
    answer = send(node, "claude-code", "models")
    told = answer.json
    assert answer.status == 200 and (told["has_more"], told["first_id"]) == (False, told["data"][0]["id"])
    assert told["last_id"] == told["data"][-1]["id"]
    assert all(set(one) == {"type", "id", "display_name", "created_at"} for one in told["data"])
    # It offers those that are called as Anthropic's are; a pattern is no name that could be listed.
    assert [one["id"] for one in told["data"] if one["id"].startswith("claude")] == ["claude-house"]


def test_a_list_of_models_has_the_shape_of_who_asks(node):
    anthropic = {"anthropic-version": "2023-06-01"}
    plain = get(node.port, "/v1/models").json
    assert plain["object"] == "list" and all(one["object"] == "model" for one in plain["data"])
    first = get(node.port, "/v1/models?limit=1", headers=anthropic).json
    assert (len(first["data"]), first["has_more"]) == (1, True)
    rest = get(node.port, f"/v1/models?limit=1000&after_id={first['last_id']}", headers=anthropic).json
    assert [one["id"] for one in first["data"] + rest["data"]] == [one["id"] for one in plain["data"]]
    before = get(node.port, f"/v1/models?limit=1000&before_id={rest['first_id']}", headers=anthropic).json
    assert before["data"] == first["data"]
    refused = get(node.port, "/v1/models?limit=none", headers=anthropic)
    assert refused.status == 400 and refused.json["error"]["type"] == "invalid_request_error"


def test_a_name_that_a_pattern_fits_is_a_model(node):
    anthropic = {"anthropic-version": "2023-06-01"}
    one = get(node.port, "/v1/models/claude-opus-5-5", headers=anthropic).json
    assert (one["type"], one["id"]) == ("model", "claude-opus-5-5")
    assert get(node.port, "/v1/models/gpt-5.1-codex").json["object"] == "model"
    missing = get(node.port, "/v1/models/mistral", headers=anthropic)
    assert missing.status == 404 and missing.json["type"] == "error"
    assert get(node.port, "/v1/models/mistral").json["error"]["code"] == "model_unknown"


def test_anthropics_own_sdk_lists_page_by_page(node):
    import anthropic

    client = anthropic.Anthropic(base_url=f"http://127.0.0.1:{node.port}", api_key="unused", max_retries=0)
    names = [model.id for model in client.models.list(limit=2)]
    assert names == [one["id"] for one in get(node.port, "/v1/models").json["data"]] and len(names) > 4
    assert client.models.retrieve("claude-house").display_name == "claude-house"
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("nobody")


def test_claude_code_is_answered_by_a_local_model(node, ollama):
    answer = send(node, "claude-code", "hello")
    words, calls, end, usage = message(answer)
    assert (words, calls, end) == ("hello there", [], "end_turn") and usage["output_tokens"] > 0
    assert answer.headers["x-gatehouse-route"] == "local:gpu1"
    assert events(answer)[0]["message"]["model"] == "llama3.2:3b"
    assert message(send(node, "claude-code", "call"))[1:3] == ([("Read", {"file_path": "notes"})], "tool_use")
    assert message(send(node, "claude-code", "result"))[1:3] == ([], "end_turn")


def test_claude_code_has_its_tokens_counted(node):
    body = {name: TOOLS["claude-code"]["hello"]["body"][name] for name in ("model", "messages", "system", "tools")}
    headers = TOOLS["claude-code"]["hello"]["headers"]
    answer = request(node.port, "POST", "/v1/messages/count_tokens?beta=true", body=body, headers=headers)
    assert answer.status == 200 and 400 < answer.json["input_tokens"] < 2000


@pytest.mark.parametrize("provider", PROVIDERS)
def test_claude_code_is_answered_by_any_provider(outside, provider):
    hello = {"say: hello there": "<<say: hello| there>>"}
    answer = send(outside, "claude-code", "hello", hello, model=provider)
    assert message(answer)[:3] == ("hello there", [], "end_turn")
    assert answer.headers["x-gatehouse-route"] == f"external:{provider}"
    call = {"Please Read the notes": '<<call: Read {"file_path": "notes.txt"}>>'}
    asked = send(outside, "claude-code", "call", call, model=provider)
    assert message(asked)[1:3] == ([("Read", {"file_path": "notes.txt"})], "tool_use")
    result = {"say: the notes": "<<say: the notes>> the notes"}
    assert message(send(outside, "claude-code", "result", result, model=provider))[::2][0] == "the notes"


def test_what_claude_code_says_of_the_api_reaches_anthropic(outside, cloud):
    assert message(send(outside, "claude-code", "hello", {"say: hello there": "<<say: hi>>"}))[0] == "hi"
    seen = cloud.requests[-1]
    headers = {name.lower(): value for name, value in seen["headers"]}
    told = TOOLS["claude-code"]["hello"]["headers"]
    assert seen["path"] == "/v1/messages"
    assert (headers["anthropic-version"], headers["anthropic-beta"]) == (
        told["anthropic-version"],
        told["anthropic-beta"],
    )
    assert not {"x-claude-code-session-id", "x-app", "x-stainless-lang", "authorization"} & set(headers)
    # Thinking and its context go, whose session it is does not.
    assert "context_management" in seen["body"] and "metadata" not in seen["body"]


# MARK: Codex


def response(answer):
    """A response out of its events, as Codex reads them: (words, items, the whole)."""
    told = events(answer)
    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    assert told[0]["type"] == "response.created" and told[-1]["type"] == "response.completed"
    words = "".join(event["delta"] for event in told if event["type"] == "response.output_text.delta")
    items = [event["item"] for event in told if event["type"] == "response.output_item.done"]
    added = [event["item"]["id"] for event in told if event["type"] == "response.output_item.added"]
    assert added == [item["id"] for item in items]
    assert told[-1]["response"]["usage"]["total_tokens"] > 0
    return words, items, told[-1]["response"]


def calls(items):
    found = [item for item in items if item["type"] == "function_call"]
    return [(item.get("namespace"), item["name"], json.loads(item["arguments"])) for item in found]


def test_codex_is_answered_by_a_local_model(node):
    answer = send(node, "codex", "hello")
    words, items, _ = response(answer)
    assert words == "hello there" and [item["type"] for item in items] == ["message"]
    # Search is a tool that others would run.
    assert "tools.web_search" in dropped(answer)
    asked = response(send(node, "codex", "call"))[1]
    assert [call[:2] for call in calls(asked)] == [(None, "exec_command")]
    assert calls(response(send(node, "codex", "result"))[1]) == []


def test_codex_finds_its_namespaces_again(node, ollama):
    answer = send(node, "codex", "hello", {"say: hello there": "close_agent now"})
    assert [call[:2] for call in calls(response(answer)[1])] == [("multi_agent_v1", "close_agent")]
    names = [tool["function"]["name"] for tool in ollama.bodies[-1]["tools"]]
    assert "multi_agent_v1__close_agent" in names


@pytest.mark.parametrize("provider", PROVIDERS)
def test_codex_is_answered_by_any_provider(outside, provider):
    answer = send(outside, "codex", "hello", {"say: hello there": "<<say: hello| there>>"}, model=provider)
    assert response(answer)[0] == "hello there" and "tools.web_search" in dropped(answer)
    order = '<<call: exec_command {"cmd": "true"}>> <<call: multi_agent_v1__close_agent {"target": "a"}>>'
    asked = send(outside, "codex", "call", {"Please exec_command true": order}, model=provider)
    assert calls(response(asked)[1]) == [
        (None, "exec_command", {"cmd": "true"}), ("multi_agent_v1", "close_agent", {"target": "a"}),
    ]  # fmt: skip
    done = send(outside, "codex", "result", {"say: done": "<<say: done>>"}, model=provider)
    assert response(done)[0] == "done"


# MARK: Open WebUI


def test_open_webui_lists_models_and_what_is_loaded(node):
    names = {model["model"] for model in send(node, "open-webui", "tags").json["models"]}
    assert {"llama3.2:3b", "claude-house"} <= names
    assert {model["id"] for model in send(node, "open-webui", "models").json["data"]} == names
    send(node, "open-webui", "title")
    assert "llama3.2:3b" in loaded(node, "open-webui")
    assert "version" in get(node.port, "/api/version").json


def test_open_webui_chats_on_both_sides(node):
    told = records(send(node, "open-webui", "chat"))
    assert "".join(record["message"]["content"] for record in told) == "hello from the browser"
    assert told[-1]["eval_count"] > 0 and told[-1]["total_duration"] > 0
    assert json.loads(send(node, "open-webui", "title").json["message"]["content"]) == {"title": "A story"}
    read = chunks(send(node, "open-webui", "openai chat"))
    assert "".join(one["choices"][0]["delta"].get("content", "") for one in read) == "hello from the browser"
    assert read[-1]["choices"][0]["finish_reason"] == "stop"
    title = send(node, "open-webui", "openai title").json["choices"][0]["message"]["content"]
    assert json.loads(title) == {"title": "A story"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_open_webui_is_answered_by_any_provider(outside, provider):
    words = {"say: hello from the browser": "<<say: hello| there>>"}
    told = records(send(outside, "open-webui", "chat", words, model=provider))
    assert "".join(record["message"]["content"] for record in told) == "hello there"
    read = chunks(send(outside, "open-webui", "openai chat", words, model=provider))
    assert "".join(one["choices"][0]["delta"].get("content") or "" for one in read if one["choices"]) == "hello there"


# MARK: The person behind a shared key


@pytest.fixture(scope="module")
def shared(cloud, ollama, tmp_path_factory):
    """A node with keys: of one the application says for whom it asks, of the other it may not."""
    when = {"sensitivity_max": "public", "triggers": ["caller_requested"]}
    terms = {
        "jurisdiction": "EU",
        "prefixes": [f"{cloud.address}/32"],
        "tls": {"ca": str(cloud.ca)},
        "models": ["m-large"],
    }
    rules = {
        "schema": 1,
        "revision": "story",
        "defaults": {"sensitivity": "public"},
        "external": {"provider": terms},
        "rules": [{"id": "open", "effect": "allow", "to": ["provider"], "when": when}],
    }
    manifest = {"schema": 1, "discovered": "serve", "external": {"m-large": {"backend": "provider"}}}
    with Node({"gpu1": ollama.port}, cloud, rules, manifest) as server:
        made = server.command("keys", "add", "open-webui", "--principal-header", "X-OpenWebUI-User-Id").stdout
        server.trusted = next(word for word in made.split() if word.startswith("gh_"))
        server.other = server.key("other")
        yield server


def person(node, answer):
    """Who a request was for, by its usage row; the row is written a moment after the answer."""
    identity = answer.headers["x-gatehouse-request-id"].replace("-", "")

    def found():
        with contextlib.closing(node.database("usage")) as database:
            return database.execute(
                "SELECT principal FROM usage WHERE request = ?", [bytes.fromhex(identity)]
            ).fetchone()

    return until(found, what="the usage row")[0]


def test_a_key_that_may_says_for_whom_it_asks(shared, ollama):
    answer = send(shared, "open-webui", "chat", key=shared.trusted)
    assert answer.status == 200 and person(shared, answer) == PERSON
    shown = shared.command("requests", "show", answer.headers["x-gatehouse-request-id"], "--json")
    assert json.loads(shown.stdout)["principal"] == PERSON
    assert f'"principal":"{PERSON}"' in shared.output
    # Nobody's name, address or role is kept, and nothing of it reaches a server.
    assert "admin@localhost" not in shared.output
    assert "openwebui" not in json.dumps(ollama.state["requests"][-1]["headers"]).lower()


def test_a_key_that_may_not_is_not_heard(shared):
    answer = send(shared, "open-webui", "chat", key=shared.other)
    assert answer.status == 200 and person(shared, answer) is None


def test_a_name_that_is_none_is_refused(shared):
    headers = {"Authorization": f"Bearer {shared.trusted}", "X-OpenWebUI-User-Id": "J\u00f6rg M."}
    body = TOOLS["open-webui"]["chat"]["body"]
    connection = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", "/api/chat", json.dumps(body), headers)
        answer = Answer(connection.getresponse())
    assert answer.status == 400 and answer.json["code"] == "invalid_field" and "person" in answer.json["error"]


def test_outside_nobody_learns_for_whom(shared, cloud):
    answer = send(
        shared, "open-webui", "openai chat", {"say: hello": "<<say: hi>> hello"}, key=shared.trusted, model="m-large"
    )
    assert answer.headers["x-gatehouse-route"] == "external:provider", answer.body
    assert PERSON not in json.dumps(cloud.requests[-1])
    assert [body["principal"] for kind, body in shared.records(answer) if kind == "intent"] == [PERSON]
    assert person(shared, answer) == PERSON


def test_keys_say_who_may(shared):
    listed = json.loads(shared.command("keys", "list", "--json").stdout)
    assert {key["name"]: key.get("principalHeader") for key in listed} == {
        "open-webui": "X-OpenWebUI-User-Id", "other": None,
    }  # fmt: skip
    refused = shared.command("keys", "add", "bad", "--principal-header", "Authorization", check=False)
    assert refused.returncode == 1 and "principal_header" in refused.stderr


# MARK: Continue


def test_continue_chats_completes_and_embeds(node):
    assert "qwen2.5-coder:7b" in [model["name"] for model in send(node, "continue", "list").json["models"]]
    assert "template" in send(node, "continue", "show").json
    for name in ("complete", "fill"):
        answer = send(node, "continue", name)
        assert "return a + b" in "".join(record["response"] for record in records(answer))
        # The context is the server's to choose, and how long a model stays the manifest's.
        assert dropped(answer) >= {"options.num_ctx", "keep_alive"}
    told = records(send(node, "continue", "chat"))
    assert "".join(record["message"]["content"] for record in told) == "hello editor"
    assert len(send(node, "continue", "embed").json["embeddings"]) == 2
    read = chunks(send(node, "continue", "openai chat"))
    assert "".join(one["choices"][0]["delta"].get("content", "") for one in read if one["choices"]) == "hello editor"
    assert read[-1]["usage"]["completion_tokens"] > 0


def test_continues_completion_is_refused_where_no_api_can_say_it(outside):
    for name, member in (("complete", "raw"), ("fill", "suffix")):
        refused = send(outside, "continue", name, model="anthropic")
        assert (
            refused.status == 400
            and refused.json["code"] == "unsupported_parameter"
            and member in refused.json["error"]
        )


# MARK: The ollama command line


def test_ollama_run_list_show_ps(node):
    assert send(node, "ollama", "heartbeat").status == 200
    assert send(node, "ollama", "version").json["version"]
    assert "llama3.2:3b" in [model["name"] for model in send(node, "ollama", "list").json["models"]]
    shown = send(node, "ollama", "show").json
    assert "completion" in shown["capabilities"] and "remote_host" not in shown and shown["details"]["family"]
    assert records(send(node, "ollama", "load"))[-1]["done_reason"] == "load"
    told = records(send(node, "ollama", "chat"))
    assert "".join(record["message"]["content"] for record in told) == "hello terminal"
    told = records(send(node, "ollama", "generate"))
    assert "".join(record["response"] for record in told) == "hello terminal"
    assert {"name", "size", "size_vram", "expires_at", "digest"} <= set(loaded(node, "ollama")["llama3.2:3b"])
    assert len(send(node, "ollama", "embed").json["embeddings"]) == 1


def test_ollama_changes_nothing_on_a_server(node, ollama):
    send(node, "ollama", "load")
    # One record; the program reads it as a line, whatever its type.
    stopped = send(node, "ollama", "stop")
    assert stopped.status == 200 and stopped.json["done_reason"] == "load", stopped.body
    assert "llama3.2:3b" in loaded(node, "ollama")
    for name in ("pull", "remove"):
        refused = send(node, "ollama", name)
        assert refused.status == 403 and refused.json["code"] == "path_forbidden"
