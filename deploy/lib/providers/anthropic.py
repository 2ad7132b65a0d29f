"""Anthropic's API: messages, their tokens, models (Anthropic API reference). It refuses members that it does not
know."""

import json

from .anthropic_requests import Conversation, check, signature
from .script import Ask, Failed, decide, fragments
from .wire import NUMBERS, Refused, Reply, expect

KINDS = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
    413: "request_too_large", 429: "rate_limit_error", 529: "overloaded_error",
}  # fmt: skip
SAID = {500: "Internal server error", 529: "Overloaded"}

VERSIONS = ("2023-01-01", "2023-06-01", "2026-10-21")


class Anthropic:
    """One request, and what becomes of it."""

    def __init__(self, exchange, key):
        self.exchange, self.key = exchange, key
        self.id = f"req_{next(NUMBERS):024}"
        self.version = exchange.headers.get("anthropic-version")

    def reply(self):
        self._check_head()
        path = self.exchange.path
        if self.exchange.method == "GET" and path == "/v1/models":
            models = [{"type": "model", "id": "m-large", "display_name": "Large", "created_at": "2026-01-01T00:00:00Z"}]
            return self._headed(Reply({"data": models, "has_more": False, "first_id": "m-large", "last_id": "m-large"}))
        if self.exchange.method == "POST" and path == "/v1/messages":
            return self._headed(self._message(self.exchange.body()))
        if self.exchange.method == "POST" and path == "/v1/messages/count_tokens":
            body = self.exchange.body()
            check({"max_tokens": 1, **body}, self.version)
            return self._headed(Reply({"input_tokens": max(1, len(json.dumps(body["messages"])) // 4)}))
        raise Refused(404, "Not found")

    def refusal(self, refused):
        """An error in this API's shape."""
        status = refused.status
        kind = refused.kind or KINDS.get(status, "api_error" if status >= 500 else "invalid_request_error")
        message = SAID.get(status, refused.message)
        headers = {"retry-after": str(refused.retry)} if refused.retry is not None else {}
        value = {"type": "error", "error": {"type": kind, "message": message}, "request_id": self.id}
        return self._headed(Reply(value, status, headers))

    def _headed(self, reply):
        reply.headers["request-id"] = self.id
        return reply

    def _check_head(self):
        headers = self.exchange.headers
        given = headers.get("x-api-key") or self.exchange.bearer()
        if given is None:
            raise Refused(401, "x-api-key header is required")
        if self.key and given != self.key:
            raise Refused(401, "invalid x-api-key")
        version = self.version
        expect(version, "anthropic-version: header is required")
        expect(version in VERSIONS, f'anthropic-version: "{version}" is not a valid version')

    def _message(self, body):
        betas = (self.exchange.headers.get("anthropic-beta") or "").split(",")
        check(body, self.version, betas)
        conversation = Conversation(body["messages"], body["model"], betas)
        ask = Ask(body["model"], conversation.last, streams=bool(body.get("stream")))
        ask.tools = {tool["name"]: tool.get("input_schema") for tool in body.get("tools") or []}
        choice = body.get("tool_choice") or {"type": "auto"}
        ask.choice = {"auto": "auto", "none": "none", "any": "required"}.get(
            choice["type"], ("tool", choice.get("name"))
        )
        ask.parallel = not choice.get("disable_parallel_tool_use")
        form = (body.get("output_config") or {}).get("format")
        ask.schema = form["schema"] if form else None
        ask.limit, ask.stops = body["max_tokens"], body.get("stop_sequences") or []
        ask.key = self.exchange.headers.get("x-api-key", "")
        answer = decide(ask)
        thinks = (body.get("thinking") or {"type": "disabled"})["type"] != "disabled"
        return Message(body, answer, thinks).reply()


STOPS = {"stop": "end_turn", "length": "max_tokens", "calls": "tool_use", "filter": "refusal"}


def _event(name, **more):
    data = json.dumps({"type": name, **more}, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {data}\n\n".encode()


class Message:
    """The answer: blocks, each whole or in its pieces."""

    def __init__(self, body, answer, thinks):
        self.body, self.answer = body, answer
        self.head = {"id": f"msg_{next(NUMBERS):024}", "type": "message", "role": "assistant", "model": body["model"]}
        self.stop = STOPS[answer.end]
        if answer.stop_text is not None and answer.end == "stop":
            self.stop = "stop_sequence"
        if answer.refusal is not None:
            self.stop = "refusal"
        self.blocks = list(self._blocks(thinks))

    def _blocks(self, thinks):
        """Each block as it begins, the deltas that follow, and as it is whole."""
        answer = self.answer
        if answer.thoughts and thinks:
            seal = signature(answer.thought)
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in answer.thoughts]
            deltas.append({"type": "signature_delta", "signature": seal})
            begun = {"type": "thinking", "thinking": "", "signature": ""}
            yield begun, deltas, {**begun, "thinking": answer.thought, "signature": seal}
        words = answer.words if answer.refusal is None else [answer.refusal]
        if words:
            deltas = [{"type": "text_delta", "text": piece} for piece in words]
            yield {"type": "text", "text": ""}, deltas, {"type": "text", "text": "".join(words)}
        for call in answer.calls:
            begun = {
                "type": "tool_use",
                "id": f"toolu_{self.head['id'][4:]}_{call.number}",
                "name": call.name,
                "input": {},
            }
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *fragments(call)]]
            yield begun, deltas, {**begun, "input": call.arguments}

    def _usage(self, output):
        usage = self.answer.usage
        return {
            "input_tokens": usage.prompt - usage.cached - usage.written,
            "cache_creation_input_tokens": usage.written, "cache_read_input_tokens": usage.cached,
            "cache_creation": {"ephemeral_5m_input_tokens": usage.written, "ephemeral_1h_input_tokens": 0},
            "output_tokens": output, "service_tier": "standard",
        }  # fmt: skip

    def reply(self):
        if self.body.get("stream"):
            return Reply(pieces=self._failing())
        if self.answer.breaks == "fail":
            raise Refused(500, "Internal server error")
        usage = self._usage(self.answer.usage.output) | {
            "output_tokens_details": {"thinking_tokens": self.answer.usage.reasoning}
        }
        stop = {"stop_reason": self.stop, "stop_sequence": self._stop_text()}
        value = {**self.head, "content": [whole for _, _, whole in self.blocks], **stop, "usage": usage}
        return Reply(value, is_cut=self.answer.breaks == "cut")

    def _stop_text(self):
        return self.answer.stop_text if self.stop == "stop_sequence" else None

    def _failing(self):
        try:
            yield from self._events()
        except Failed:
            yield _event("error", error={"type": "overloaded_error", "message": "Overloaded"})

    def _events(self):
        start = {**self.head, "content": [], "stop_reason": None, "stop_sequence": None, "usage": self._usage(1)}
        yield _event("message_start", message=start)
        for index, (begun, deltas, _) in enumerate(self.blocks):
            yield _event("content_block_start", index=index, content_block=begun)
            if index == 0:
                yield _event("ping")
            for delta in deltas:
                self.answer.step()
                yield _event("content_block_delta", index=index, delta=delta)
            yield _event("content_block_stop", index=index)
        self.answer.close()
        delta = {"stop_reason": self.stop, "stop_sequence": self._stop_text()}
        usage = self.answer.usage
        told = self._usage(usage.output)
        told = {name: told[name] for name in list(told)[:3]} | {"output_tokens": usage.output}
        told["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
        yield _event("message_delta", delta=delta, usage=told)
        yield _event("message_stop")
