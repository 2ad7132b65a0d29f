"""OpenAI's API, in its own form and in Azure's: chat, completions, embeddings, models (OpenAI API reference; Azure
OpenAI REST API reference). Like the many servers that speak as OpenAI does, it takes members that it does not know."""

import base64
import re
import struct

from .openai_answers import FINISH, Chat, event, failing, usage_of, whole
from .openai_requests import Conversation, check_chat
from .script import VECTOR, Ask, Turn, decide, vector
from .wire import NUMBERS, Refused, Reply, expect

KINDS = {401: "invalid_request_error", 429: "requests", 400: "invalid_request_error", 404: "invalid_request_error"}


class OpenAI:
    """One request, and what becomes of it."""

    def __init__(self, exchange, key):
        self.exchange, self.key = exchange, key
        self.is_azure = exchange.path.startswith("/openai/")
        self.deployment = None

    def reply(self):
        path = self.exchange.path
        if self.is_azure:
            path = self._azure_path(path)
        self._check_key()
        if self.exchange.method == "GET" and path.endswith("/models"):
            models = [
                {"id": name, "object": "model", "created": 1, "owned_by": "outside"} for name in ("m-large", "m-small")
            ]
            return Reply({"object": "list", "data": models})
        for end, answer in (
            ("/chat/completions", self._chat),
            ("/completions", self._completions),
            ("/embeddings", self._embeddings),
        ):
            if self.exchange.method == "POST" and path.endswith(end):
                return answer(self.exchange.body())
        raise Refused(404, f"Invalid URL ({self.exchange.method} {self.exchange.path})")

    def refusal(self, refused):
        """An error in this API's shape."""
        # OpenAI has no 529.
        status = 503 if refused.status == 529 else refused.status
        headers = {"Retry-After": str(refused.retry)} if refused.retry is not None else {}
        kind = refused.kind or KINDS.get(status, "server_error")
        error = {"message": refused.message, "type": kind, "param": refused.parameter, "code": refused.code}
        if self.is_azure and refused.code is None:
            error = {"code": str(status), "message": refused.message}
        return Reply({"error": error}, status, headers)

    # Who asks, and where

    def _azure_path(self, path):
        found = re.fullmatch(r"/openai/deployments/([^/]+)(/.*)", path)
        if not found:
            return path
        self.deployment, path = found.groups()
        if "api-version" not in self.exchange.query:
            raise Refused(404, "Resource not found", code="404")
        return path

    def _check_key(self):
        given = self.exchange.bearer()
        if self.is_azure:
            given = self.exchange.headers.get("api-key") or given
            if not given or self.key and given != self.key:
                raise Refused(401, "The key or the endpoint is wrong.", code="401")
        elif self.key and given is None:
            raise Refused(401, "No API key is given.")
        elif self.key and given != self.key:
            shown = given[:3] + "*" * 8 + given[-4:]
            raise Refused(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")

    def _model(self, body):
        model = self.deployment or body.get("model")
        expect(isinstance(model, str) and model, "you must provide a model parameter")
        return model

    # Chat

    def _chat(self, body):
        model = self._model(body)
        check_chat(body, model)
        ask = Ask(model, Conversation(body["messages"]).last, streams=bool(body.get("stream")))
        ask.tools = {tool["function"]["name"]: tool["function"].get("parameters") for tool in body.get("tools") or []}
        choice = body.get("tool_choice") or "auto"
        ask.choice = ("tool", choice["function"]["name"]) if isinstance(choice, dict) else choice
        ask.parallel = body.get("parallel_tool_calls") is not False
        form = body.get("response_format") or {}
        ask.schema = form["json_schema"].get("schema", {}) if form.get("type") == "json_schema" else None
        ask.wants_object = form.get("type") == "json_object"
        ask.limit = body.get("max_completion_tokens", body.get("max_tokens"))
        ask.stops = [body["stop"]] if isinstance(body.get("stop"), str) else body.get("stop") or []
        ask.key = self.exchange.headers.get("authorization", "")
        answer = decide(ask)
        if self.is_azure and answer.end == "filter":
            raise Refused(
                400, "The prompt was filtered.",
                kind="invalid_request_error", code="content_filter", parameter="prompt",
            )  # fmt: skip
        return Chat(body, model, answer, self.is_azure).reply()

    # Completions

    def _completions(self, body):
        model = self._model(body)
        prompt = body.get("prompt", "<|endoftext|>")
        words = prompt if isinstance(prompt, str) else "".join(part for part in prompt if isinstance(part, str))
        stops = [body["stop"]] if isinstance(body.get("stop"), str) else body.get("stop") or []
        ask = Ask(model, Turn(words), streams=bool(body.get("stream")), limit=body.get("max_tokens", 16), stops=stops)
        ask.key = self.exchange.headers.get("authorization", "")
        answer = decide(ask)
        head = {"id": f"cmpl-{next(NUMBERS)}", "object": "text_completion", "created": 1, "model": model}
        head["system_fingerprint"] = None
        echoed = [words] if body.get("echo") else []

        def choice(text, finish):
            return {"text": text, "index": 0, "logprobs": None, "finish_reason": finish}

        if not ask.streams:
            one = choice("".join(echoed) + answer.text, FINISH[answer.end])
            return whole(answer, {**head, "choices": [one], "usage": usage_of(answer.usage)})

        def pieces():
            for piece in echoed + answer.words:
                answer.step()
                yield event({**head, "choices": [choice(piece, None)]})
            answer.close()
            yield event({**head, "choices": [choice("", FINISH[answer.end])]})
            if (body.get("stream_options") or {}).get("include_usage"):
                yield event({**head, "choices": [], "usage": usage_of(answer.usage)})
            yield b"data: [DONE]\n\n"

        return Reply(pieces=failing(pieces()))

    # Vectors

    def _embeddings(self, body):
        model = self._model(body)
        given = body.get("input")
        expect(given not in (None, "", []), "Invalid 'input'.", parameter="input")
        inputs = [given] if isinstance(given, str) or isinstance(given[0], int) else given
        # An order among the texts is obeyed as one in a prompt.
        answer = decide(Ask(model, Turn("\n".join(text for text in inputs if isinstance(text, str)))))
        if answer.breaks:
            return whole(answer, {})
        count = body.get("dimensions") or VECTOR
        data = [
            {"object": "embedding", "index": at, "embedding": vector(text, count)} for at, text in enumerate(inputs)
        ]
        if body.get("encoding_format") == "base64":
            for item in data:
                packed = struct.pack(f"<{count}f", *item["embedding"])
                item["embedding"] = base64.b64encode(packed).decode()
        tokens = sum(max(1, len(text.split()) if isinstance(text, str) else len(text)) for text in inputs)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return Reply({"object": "list", "data": data, "model": model, "usage": usage})
