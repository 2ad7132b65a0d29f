"""The Swift library, as a program of its own that knows Gatehouse by an address: the document summarizer."""
import json
import os
import subprocess
from pathlib import Path

import pytest

from harness import Canary, Gatehouse, RawUpstream, free_port, message
from outside import Cloud

MODEL = "llama3.2:3b"
SUMMARIZER = os.environ.get("SUMMARIZER_BINARY") or str(
    Path(__file__).resolve().parents[2] / ".build" / "debug" / "DocumentSummarizer"
)
DOCUMENT = "\n\n".join(f"Paragraph {n} says that bill number {n} is due on day {n % 28 + 1}." for n in range(400))


def command(port, document, dialect="openai", model=MODEL):
    path = "/v1" if dialect == "openai" else ""
    return [SUMMARIZER, str(document), f"http://127.0.0.1:{port}{path}", model, dialect]


def summarize(port, document, *more, env=None, code=0, **named):
    done = subprocess.run(
        command(port, document, *more, **named), capture_output=True, text=True, timeout=120, env={**os.environ, **(env or {})}
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "bills.txt"
    path.write_text(DOCUMENT)
    return path


@pytest.mark.parametrize("dialect", ["openai", "ollama"])
def test_a_document_is_summed_up_in_passages(ollama, gatehouse, document, dialect):
    def chats():
        return [body for body in ollama.bodies if "messages" in body]

    before = len(chats())
    done = summarize(gatehouse.port, document, dialect)
    summary = json.loads(done.stdout)
    assert set(summary) == {"title", "points", "summary"} and summary["summary"]
    asked = chats()[before:]
    assert len(asked) >= 5, "the passages, and their notes"
    passages = sorted((body["messages"][-1]["content"] for body in asked[:-1]), key=DOCUMENT.find)
    assert "".join(passages) == DOCUMENT, "each paragraph was read, once"
    assert "summary" in json.dumps(asked[-1]), "the last answer has the form of a summary"
    assert done.stderr.count("answered by local:gpu1") == len(asked)


def test_the_key_is_taken_from_the_environment_and_its_refusal_is_told(ollama, document):
    document.write_text("A short text.")
    with Gatehouse({"gpu1": ollama.port}, wait=False) as node:
        node.ready()
        made = node.command("keys", "add", "--project", "website", "summaries").stdout
        key = next(word for word in made.split() if word.startswith("gh_"))
        summarize(node.port, document, env={"GATEHOUSE_KEY": key})
        wrong = summarize(node.port, document, env={"GATEHOUSE_KEY": key[:-6] + "aaaaaa"}, code=1)
        assert "unauthorized (401, key_invalid, request " in wrong.stderr
        assert key not in wrong.stderr and "aaaaaa" not in wrong.stderr
        missing = summarize(node.port, document, code=1)
        assert "key_missing" in missing.stderr


def test_what_does_not_pass_is_not_asked_twice(gatehouse, document):
    done = summarize(gatehouse.port, document, model="nobody:1b", code=1)
    assert "notFound (404, model_unknown, request " in done.stderr
    for call in {line.split(":")[0] for line in done.stderr.splitlines() if line.startswith("chat ")}:
        assert done.stderr.count(f"{call}: began") == 1


def test_what_may_pass_is_asked_again(document):
    document.write_text("A short text.")
    answers = []

    def script(connection, head, body):
        answers.append(body)
        if len(answers) == 1:
            connection.sendall(message('{"error":{"message":"later"}}', status=503, extra="Retry-After: 0\r\n"))
            return None
        if len(answers) == 2:
            return "close"
        words = json.dumps({"title": "A text", "points": [], "summary": "It is short."})
        choice = {"message": {"role": "assistant", "content": words}, "finish_reason": "stop"}
        connection.sendall(message(json.dumps({"model": "m", "choices": [choice]})))
        return None

    with RawUpstream(script) as server:
        done = summarize(server.port, document)
    assert json.loads(done.stdout)["summary"] == "It is short."
    assert len(answers) == 3 and len(set(answers)) == 1


def test_a_server_that_is_gone_is_told(document):
    done = summarize(free_port(), document, code=1)
    assert "transport: 127.0.0.1:" in done.stderr and done.stdout == ""


def test_no_prompt_goes_through_a_proxy_of_the_environment(gatehouse, document):
    document.write_text("A short text.")
    with Canary() as canary:
        place = f"http://127.0.0.1:{canary.port}"
        for name in ("http_proxy", "all_proxy", "ALL_PROXY"):
            summarize(gatehouse.port, document, env={name: place})
        # With TLS it is Foundation that connects, and cannot be told to leave the proxy out.
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            secure = [word.replace("http:", "https:") for word in command(gatehouse.port, document)]
            done = subprocess.run(secure, capture_output=True, text=True, timeout=60, env={**os.environ, name: place})
            assert done.returncode == 1 and f"{name} is set" in done.stderr and "no_proxy" in done.stderr


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_prompt(document, tmp_path):
    document.write_text("A short text.")
    with Cloud(tmp_path / "cloud") as provider:
        secure = [SUMMARIZER, str(document), f"{provider.url}/v1", "m-large"]
        done = subprocess.run(secure, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and "transport: 127.0.0.2:" in done.stderr and "certificate" in done.stderr
        assert provider.requests == []


def test_a_redirect_is_not_followed(document):
    document.write_text("A short text.")
    with Canary() as canary:
        place = f"Location: http://127.0.0.1:{canary.port}/v1/chat/completions\r\n"
        with RawUpstream(lambda connection, *_: connection.sendall(message("", status=307, extra=place))) as server:
            done = summarize(server.port, document, code=1)
            assert "malformedAnswer (307): " in done.stderr and "redirect" in done.stderr
            assert len(server.requests) == 1
