"""Answers in OpenAI's words (OpenAI API reference, the chat completion object and its chunks)."""

import json
import re

from .script import Failed, fragments
from .wire import NUMBERS, Refused, Reply

FILTERED = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}
FINISH = {"stop": "stop", "length": "length", "calls": "tool_calls", "filter": "content_filter"}


def event(value):
    return b"data: " + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def usage_of(usage):
    details = {"reasoning_tokens": usage.reasoning, "audio_tokens": 0}
    details |= {"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
    return {
        "prompt_tokens": usage.prompt, "completion_tokens": usage.output, "total_tokens": usage.prompt + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": details,
    }  # fmt: skip


def whole(answer, value):
    if answer.breaks == "fail":
        raise Refused(500, "The server had an error.")
    return Reply(value, is_cut=answer.breaks == "cut")


def failing(pieces):
    """A stream that may fail in its middle: then an event says so, and nothing follows."""
    try:
        yield from pieces
    except Failed:
        error = {"message": "The server had an error.", "type": "server_error"}
        yield event({"error": {**error, "param": None, "code": None}})


class Chat:
    """The answer of a chat."""

    def __init__(self, body, model, answer, is_azure):
        self.body, self.answer, self.is_azure = body, answer, is_azure
        self.head = {"id": f"chatcmpl-{next(NUMBERS)}", "created": 1, "model": model, "system_fingerprint": None}
        self.finish = FINISH[answer.end]
        # OpenAI keeps thoughts to itself; servers that speak as it does tell them.
        self.tells_thoughts = not re.match(r"(gpt-|o[134])", model) and not is_azure
        self.count = body.get("n") or 1

    def reply(self):
        if self.body.get("stream"):
            return Reply(pieces=failing(self._pieces()))
        choices = [self._choice(at) for at in range(self.count)]
        usage = usage_of(self.answer.usage)
        value = {
            **self.head,
            "object": "chat.completion",
            "choices": choices,
            "usage": usage,
            "service_tier": "default",
        }
        if self.is_azure:
            value["prompt_filter_results"] = [{"prompt_index": 0, "content_filter_results": FILTERED}]
        return whole(self.answer, value)

    def _choice(self, at):
        answer = self.answer
        message = {"role": "assistant", "content": answer.text if answer.words else None, "refusal": answer.refusal}
        message["annotations"] = []
        if answer.thoughts and self.tells_thoughts:
            message["reasoning_content"] = answer.thought
        if answer.calls:
            message["tool_calls"] = [self._call(call) for call in answer.calls]
        choice = {
            "index": at,
            "message": message,
            "logprobs": self._chances(answer.words),
            "finish_reason": self.finish,
        }
        if self.is_azure:
            choice["content_filter_results"] = FILTERED
        return choice

    def _call(self, call):
        function = {"name": call.name, "arguments": "".join(fragments(call))}
        return {"id": self._id(call), "type": "function", "function": function}

    def _id(self, call):
        return f"call_{self.head['id'].partition('-')[2]}_{call.number}"

    def _chances(self, words):
        if not self.body.get("logprobs"):
            return None
        content = []
        for word in words:
            token = {"token": word, "logprob": -0.25, "bytes": list(word.encode())}
            top = [{**token, "token": word}] * min(1, self.body.get("top_logprobs") or 0)
            content.append({**token, "top_logprobs": top})
        return {"content": content, "refusal": None}

    def _pieces(self):
        wants_usage = (self.body.get("stream_options") or {}).get("include_usage")
        more = {"usage": None} if wants_usage else {}
        head = {**self.head, "object": "chat.completion.chunk", "service_tier": "default"}

        def chunk(delta, finish=None, at=0, chances=None):
            choice = {"index": at, "delta": delta, "logprobs": chances, "finish_reason": finish}
            if self.is_azure:
                choice["content_filter_results"] = FILTERED if delta.get("content") else {}
            return event({**head, "choices": [choice], **more})

        if self.is_azure:
            # Azure says first what it thinks of the prompt, in a chunk that has nothing else.
            results = [{"prompt_index": 0, "content_filter_results": FILTERED}]
            yield event(
                {"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": results}
            )
        for at in range(self.count):
            yield chunk({"role": "assistant", "content": None if self.answer.calls else "", "refusal": None}, at=at)
            for delta, chances in self._deltas():
                self.answer.step()
                yield chunk(delta, at=at, chances=chances)
        self.answer.close()
        for at in range(self.count):
            yield chunk({}, self.finish, at=at)
        if wants_usage:
            yield event({**head, "choices": [], "usage": usage_of(self.answer.usage)})
        yield b"data: [DONE]\n\n"

    def _deltas(self):
        answer = self.answer
        for piece in answer.thoughts if self.tells_thoughts else []:
            yield {"reasoning_content": piece}, None
        for piece in answer.words:
            yield {"content": piece}, self._chances([piece])
        if answer.refusal is not None:
            yield {"refusal": answer.refusal}, None
        for call in answer.calls:
            function = {"name": call.name, "arguments": ""}
            yield (
                {
                    "tool_calls": [
                        {"index": call.number, "id": self._id(call), "type": "function", "function": function}
                    ]
                },
                None,
            )
            for piece in fragments(call):
                yield {"tool_calls": [{"index": call.number, "function": {"arguments": piece}}]}, None
