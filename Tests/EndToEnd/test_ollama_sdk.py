"""An application written for Ollama, with only `host` changed."""
import json

import ollama as sdk
import pytest

from harness import get, post, request

MODEL = "llama3.2:3b"


@pytest.fixture(scope="module")
def client(gatehouse):
    return sdk.Client(host=f"http://127.0.0.1:{gatehouse.port}")


def ask(text):
    return [{"role": "user", "content": text}]


def test_chat(client):
    answer = client.chat(MODEL, messages=ask("say: hello"))
    assert answer.message.content == "hello" and answer.done and answer.eval_count > 0 and answer.model == MODEL


def test_streamed_chat(client):
    parts = list(client.chat(MODEL, messages=ask("say: one two"), stream=True))
    assert "".join(p.message.content for p in parts) == "one two"
    assert parts[-1].done and parts[-1].done_reason == "stop"


def test_generate(client):
    assert client.generate(MODEL, "say: text").response == "text"
    assert "".join(p.response for p in client.generate(MODEL, "say: text", stream=True)) == "text"


def test_embed(client):
    answer = client.embed("nomic-embed-text", input=["a", "b"])
    assert len(answer.embeddings) == 2
    assert len(client.embeddings("nomic-embed-text", "a").embedding) == len(answer.embeddings[0])


def test_list_show_ps(client):
    assert MODEL in [m.model for m in client.list().models]
    shown = client.show(MODEL)
    assert "completion" in shown.capabilities
    client.chat(MODEL, messages=ask("say: load"))
    client.ps()


def test_unknown_model_raises_the_sdks_own_error(client):
    with pytest.raises(sdk.ResponseError) as caught:
        client.chat("no-such-model", messages=ask("x"))
    assert caught.value.status_code == 404
    with pytest.raises(sdk.ResponseError) as caught:
        client.show("no-such-model")
    assert caught.value.status_code == 404


def test_what_changes_the_host_is_forbidden(client):
    for call in (
        lambda: client.pull("x"),
        lambda: client.push("x"),
        lambda: client.delete(MODEL),
        lambda: client.copy(MODEL, "y"),
        lambda: client.create("y", from_=MODEL),
    ):
        with pytest.raises(sdk.ResponseError) as caught:
            call()
        assert caught.value.status_code == 403


def test_one_client_cannot_harm_the_others(gatehouse, ollama):
    """Load-time options are left out, so nothing reloads a model; unloading is not the client's to decide."""
    before = ollama.counters["reloads"]
    answer = post(
        gatehouse.port,
        "/api/chat",
        {
            "model": MODEL,
            "messages": ask("say: x"),
            "stream": False,
            "keep_alive": 0,
            "options": {"num_ctx": 512, "temperature": 0.5, "num_gpu": 0},
        },
    )
    assert answer.status == 200
    dropped = answer.headers["x-gatehouse-dropped"]
    assert "num_ctx" in dropped and "num_gpu" in dropped and "keep_alive" in dropped and "temperature" not in dropped
    assert ollama.counters["reloads"] == before
    unload = post(gatehouse.port, "/api/generate", {"model": MODEL, "keep_alive": 0})
    assert unload.status == 200
    assert MODEL in [m["name"] for m in get(ollama.port, "/api/ps").json["models"]], "it is still loaded"


def test_loading_a_model_is_a_stream_of_one_record(gatehouse):
    answer = post(gatehouse.port, "/api/generate", {"model": MODEL})
    assert answer.status == 200 and answer.headers["content-type"] == "application/x-ndjson"
    assert json.loads(answer.body)["done_reason"] == "load"


def test_the_front_page_and_the_version(gatehouse):
    assert get(gatehouse.port, "/").body == b"Ollama is running"
    assert request(gatehouse.port, "HEAD", "/").status == 200
    assert "version" in get(gatehouse.port, "/api/version").json


def test_a_stream_is_ndjson(gatehouse):
    answer = post(gatehouse.port, "/api/chat", {"model": MODEL, "messages": ask("say: a b c")})
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert lines[-1]["done"] and not lines[0]["done"]
