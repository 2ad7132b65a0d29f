"""Google's API: contents, vectors, models (Gemini API reference). It refuses members that it does not know, at
any depth, and takes both spellings of each: `maxOutputTokens` and `max_output_tokens`."""

import json
import re

from .gemini_requests import Conversation, check, known, seal, wants_seals
from .script import VECTOR, Ask, Failed, Turn, decide, vector
from .wire import NUMBERS, Refused, Reply, expect

STATUSES = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip
FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "calls": "STOP", "filter": "SAFETY"}


class Gemini:
    """One request, and what becomes of it."""

    def __init__(self, exchange, key):
        self.exchange, self.key = exchange, key

    def reply(self):
        self._check_key()
        found = re.fullmatch(r"/v1(?:beta)?/models(?:/([^:]+)(?::(\w+))?)?", self.exchange.path)
        model, method = found.groups() if found else (None, None)
        if found and self.exchange.method == "GET" and method is None:
            made = {"name": f"models/{model or 'm-large'}", "supportedGenerationMethods": ["generateContent"]}
            return Reply(made if model else {"models": [made]})
        if found and self.exchange.method == "POST" and method == "batchEmbedContents":
            return self._embed(self.exchange.body(), model)
        if found and self.exchange.method == "POST" and method in ("generateContent", "streamGenerateContent"):
            return self._generate(self.exchange.body(), model, method == "streamGenerateContent")
        raise Refused(404, f"models/{model} is not found for API version v1beta, or is not supported for {method}.")

    def refusal(self, refused):
        """An error in this API's shape. How long to wait stands in it, and not in the head."""
        # Google has no 529.
        status = 503 if refused.status == 529 else refused.status
        error = {"code": status, "message": refused.message, "status": STATUSES.get(status, "UNKNOWN")}
        if refused.code == "API_KEY_INVALID":
            info = "type.googleapis.com/google.rpc.ErrorInfo"
            error["details"] = [{"@type": info, "reason": refused.code, "domain": "googleapis.com"}]
        if refused.retry is not None:
            info = "type.googleapis.com/google.rpc.RetryInfo"
            error["details"] = [{"@type": info, "retryDelay": f"{refused.retry}s"}]
        value = {"error": error}
        # A stream without `alt=sse` is a list, and so is its error.
        is_list = self.exchange.path.endswith(":streamGenerateContent") and self.exchange.query.get("alt") != "sse"
        return Reply([value] if is_list else value, status)

    def _check_key(self):
        given = self.exchange.headers.get("x-goog-api-key") or self.exchange.query.get("key")
        if given is None:
            raise Refused(403, "Callers without an identity are not allowed.")
        if self.key and given != self.key:
            # No 401: whoever has a key is known, but the key is not valid.
            raise Refused(400, "API key not valid.", code="API_KEY_INVALID")

    def _embed(self, body, model):
        requests = known(body, "Batch").get("requests") or []
        expect(requests, "* BatchEmbedContentsRequest.requests: at least one request is needed")
        expect(len(requests) <= 100, "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch")
        texts = []
        for at, request in enumerate(requests):
            expect(
                request.get("model") == f"models/{model}",
                f"* BatchEmbedContentsRequest.requests[{at}].model: must match the model of the batch",
            )
            parts = (request.get("content") or {}).get("parts") or []
            expect(parts, f"* BatchEmbedContentsRequest.requests[{at}].content: content is required")
            texts.append("".join(part.get("text", "") for part in parts))
        answer = decide(Ask(model, Turn("\n".join(texts))))
        counts = [request.get("outputDimensionality") or VECTOR for request in requests]
        value = {"embeddings": [{"values": vector(text, count)} for text, count in zip(texts, counts)]}
        return _whole(answer, value)

    def _generate(self, body, model, streams):
        request = known(body, "Request")
        check(request, model)
        config = request.get("generationConfig", {})
        ask = Ask(model, Conversation(request["contents"], model).last, streams=streams)
        functions = [one for tool in request.get("tools", []) for one in tool.get("functionDeclarations", [])]
        ask.tools = {one["name"]: one.get("parametersJsonSchema") or one.get("parameters") for one in functions}
        calling = request.get("toolConfig", {}).get("functionCallingConfig", {})
        names = calling.get("allowedFunctionNames") or []
        ask.choice = {"ANY": ("tool", names[0]) if names else "required", "NONE": "none"}.get(
            calling.get("mode"), "auto"
        )
        is_json = config.get("responseMimeType") == "application/json"
        ask.schema = config.get("responseJsonSchema") or config.get("responseSchema")
        ask.wants_object = is_json and ask.schema is None
        ask.limit, ask.stops = config.get("maxOutputTokens"), config.get("stopSequences") or []
        ask.key = self.exchange.headers.get("x-goog-api-key", "")
        return Content(config, model, decide(ask)).reply(streams, self.exchange.query.get("alt") == "sse")


def _whole(answer, value):
    if answer.breaks == "fail":
        raise Refused(500, "An internal error.")
    return Reply(value, is_cut=answer.breaks == "cut")


class Content:
    """The answer: parts, all at once or one by one."""

    def __init__(self, config, model, answer):
        self.config, self.model, self.answer = config, model, answer
        self.id = f"response-{next(NUMBERS)}"
        self.tells_thoughts = config.get("thinkingConfig", {}).get("includeThoughts")

    def reply(self, streams, is_sse):
        if not streams:
            parts = [part for part, _ in self._parts()]
            finish = FINISH[self.answer.end]
            return _whole(
                self.answer, self._record(self._joined(parts), finish, self._chances(self.answer.words), is_last=True)
            )
        pieces = self._failing()
        return Reply(pieces=pieces) if is_sse else Reply(pieces=_listed(pieces), type="application/json")

    def _parts(self):
        """Each part, and the word that it says."""
        answer = self.answer
        for piece in answer.thoughts if self.tells_thoughts else []:
            yield {"text": piece, "thought": True}, None
        for piece in answer.words if answer.refusal is None else [answer.refusal]:
            yield {"text": piece}, piece
        for call in answer.calls:
            made = {"name": call.name, "args": call.arguments}
            if wants_seals(self.model):
                made["id"] = f"{self.id}-{call.number}"
            part = {"functionCall": made}
            # Of calls made together only the first is sealed.
            if wants_seals(self.model) and call.number == 0:
                part["thoughtSignature"] = seal(made)
            yield part, None

    @staticmethod
    def _joined(parts):
        """Words that follow each other are one part."""
        joined = []
        for part in parts:
            if joined and "text" in part and "text" in joined[-1] and part.get("thought") == joined[-1].get("thought"):
                joined[-1]["text"] += part["text"]
            else:
                joined.append(dict(part))
        return joined

    def _chances(self, words):
        if not self.config.get("responseLogprobs") or not words:
            return None
        chosen = [{"token": word, "tokenId": 1, "logProbability": -0.25} for word in words]
        top = [{"candidates": [one][: self.config.get("logprobs", 0)]} for one in chosen]
        return {"chosenCandidates": chosen, "topCandidates": top}

    def _record(self, parts, finish=None, chances=None, is_last=False):
        candidate = {"content": {"parts": parts, "role": "model"}, "index": 0} if parts else {"index": 0}
        if finish:
            candidate["finishReason"] = finish
        if chances:
            candidate["logprobsResult"] = chances
        usage = self.answer.usage
        told = {"promptTokenCount": usage.prompt}
        if is_last:
            # Thoughts are counted apart, and what is zero is not told.
            told |= {"candidatesTokenCount": usage.output - usage.reasoning, "thoughtsTokenCount": usage.reasoning}
            told |= {"cachedContentTokenCount": usage.cached}
            told = {name: count for name, count in told.items() if count}
        told["totalTokenCount"] = usage.prompt + (usage.output if is_last else 0)
        head = {"usageMetadata": told, "modelVersion": self.model, "responseId": self.id}
        if self.answer.end == "filter" and is_last and not parts:
            return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **head}
        return {"candidates": [candidate], **head}

    def _failing(self):
        try:
            yield from self._records()
        except Failed:
            error = {
                "code": 503,
                "message": "The model is overloaded.",
                "status": "UNAVAILABLE",
            }
            yield b"data: " + json.dumps({"error": error}).encode() + b"\r\n\r\n"

    def _records(self):
        for part, word in self._parts():
            self.answer.step()
            chances = self._chances([word] if word is not None else [])
            yield self._event(self._record([part], chances=chances))
        self.answer.close()
        # The last has nothing to say but why.
        parts = [{"text": ""}] if self.answer.end != "filter" or self.answer.words else []
        yield self._event(self._record(parts, FINISH[self.answer.end], is_last=True))

    @staticmethod
    def _event(value):
        return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\r\n\r\n"


def _listed(pieces):
    """The records of a stream as a list that grows, which is what comes without `alt=sse`."""
    before = b"["
    for piece in pieces:
        yield before + piece.removeprefix(b"data: ").strip()
        before = b",\r\n"
    yield b"]"
