"""What OpenAI refuses of a request, and who said what in it (OpenAI API reference, Create chat completion)."""

import json
import re

from .instance import objects
from .script import Turn
from .wire import decoded, expect

ROLES = ("system", "developer", "user", "assistant", "tool", "function")


class Conversation:
    """Messages in the order that OpenAI demands, and the last turn of them."""

    def __init__(self, messages):
        self.last = Turn()
        self.open = []
        for at, message in enumerate(messages):
            expect(isinstance(message, dict), f"Invalid type for 'messages[{at}]': expected an object.")
            role = message.get("role")
            expect(
                role in ROLES,
                f"Invalid value: '{role}'. Known are {ROLES}.",
                parameter=f"messages[{at}].role",
            )
            if role == "tool":
                self._take_result(at, message)
                continue
            self._expect_answered()
            text, images = self._content(at, message)
            if role == "assistant":
                self._take_calls(at, message, text)
            elif role == "user":
                self.last = Turn(text, images)
        self._expect_answered()

    def _expect_answered(self):
        expect(
            not self.open,
            f"No message of the role 'tool' follows these 'tool_calls': {', '.join(self.open)}.",
            parameter="messages",
        )

    def _take_result(self, at, message):
        expect(
            message.get("tool_call_id") in self.open,
            "A message of the role 'tool' answers no 'tool_calls' before it.",
            parameter=f"messages.[{at}].role",
        )
        self.open.remove(message["tool_call_id"])
        if not self.last.results:
            self.last = Turn()
        self.last.results.append(self._content(at, message)[0])

    def _take_calls(self, at, message, text):
        calls = message.get("tool_calls") or []
        said = (
            text
            or message.get("content") == ""
            or message.get("refusal")
            or message.get("audio")
            or message.get("function_call")
        )
        expect(
            calls or said,
            "Invalid value for 'content': expected a string, got null.",
            parameter=f"messages.[{at}].content",
        )
        for call in calls:
            function = call.get("function") or {}
            place = f"messages[{at}].tool_calls"
            expect(call.get("id"), f"Missing required parameter: '{place}[0].id'.", parameter=place)
            expect(call.get("type") == "function", f"Missing required parameter: '{place}[0].type'.", parameter=place)
            expect(
                isinstance(function.get("name"), str),
                f"Missing required parameter: '{place}[0].function.name'.",
                parameter=place,
            )
            expect(
                isinstance(function.get("arguments"), str),
                f"Invalid type for '{place}[0].function.arguments': expected a string.",
                parameter=place,
            )
        self.open = [call["id"] for call in calls]
        # What it called is over when its results are here.
        self.last = Turn()

    def _content(self, at, message):
        content = message.get("content")
        if content is None:
            expect(
                message["role"] == "assistant",
                "Invalid value for 'content': expected a string, got null.",
                parameter=f"messages.[{at}].content",
            )
            return "", []
        if isinstance(content, str):
            return content, []
        expect(
            isinstance(content, list) and content,
            f"Invalid 'messages[{at}].content': empty array.",
            parameter=f"messages[{at}].content",
        )
        texts, images = [], []
        for number, part in enumerate(content):
            place = f"messages[{at}].content[{number}]"
            kind = part.get("type") if isinstance(part, dict) else None
            if kind in ("text", "refusal"):
                expect(
                    isinstance(part.get(kind), str), f"Missing required parameter: '{place}.{kind}'.", parameter=place
                )
                texts.append(part[kind])
            elif kind == "image_url":
                expect(
                    message["role"] == "user",
                    "Invalid value: 'image_url': only a message of the role 'user' may have one.",
                    parameter=place,
                )
                images.append(picture((part.get("image_url") or {}).get("url", ""), place))
            else:
                expect(
                    kind in ("input_audio", "file"),
                    f"Invalid value: '{kind}' is no type of a part.",
                    parameter=place,
                )
        return "".join(texts), images


def picture(url, place):
    """Media type and size of a `data:` URL. Others would be fetched, and nothing here fetches."""
    found = re.fullmatch(r"data:([\w/+.-]+);base64,(.*)", url, re.DOTALL)
    expect(found, f"Error while downloading {url[:60]}.", code="invalid_image_url", parameter=place)
    return found[1], decoded(found[2], "Invalid base64 image_url.", code="invalid_base64")


def check_chat(body, model):
    """What OpenAI refuses of a request for a chat, messages aside."""
    expect(isinstance(body.get("messages"), list), "Missing required parameter: 'messages'.", parameter="messages")
    expect(
        body["messages"],
        "Invalid 'messages': empty array.",
        parameter="messages",
    )
    tools = body.get("tools")
    expect(
        tools is None or tools,
        "Invalid 'tools': empty array.",
        parameter="tools",
    )
    for name in ("tool_choice", "parallel_tool_calls"):
        expect(
            tools or body.get(name) is None,
            f"Invalid value for '{name}': there are no 'tools'.",
            parameter=name,
        )
    for at, tool in enumerate(tools or []):
        function = tool.get("function") or {}
        place = f"tools[{at}].function"
        expect(tool.get("type") == "function", f"Invalid value: '{tool.get('type')}'.", parameter=f"tools[{at}].type")
        expect(
            re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", function.get("name") or ""),
            f"Invalid '{place}.name': string does not match pattern.",
            parameter=f"{place}.name",
        )
        if function.get("strict"):
            check_strict(function.get("parameters") or {}, f"function '{function['name']}'", f"{place}.parameters")
    _check_numbers(body)
    _check_form(body)
    is_reasoning = re.match(r"(o[134]|gpt-5)", model)
    expect(
        not (is_reasoning and body.get("max_tokens") is not None),
        "Unsupported parameter: this model takes 'max_completion_tokens' in the place of 'max_tokens'.",
        code="unsupported_parameter",
        parameter="max_tokens",
    )
    expect(
        not (is_reasoning and body.get("temperature") not in (None, 1)),
        "Unsupported value: this model takes no 'temperature' but 1.",
        code="unsupported_value",
        parameter="temperature",
    )
    expect(
        "stream_options" not in body or not body["stream_options"] or body.get("stream"),
        "Invalid 'stream_options': there is no 'stream'.",
        parameter="stream_options",
    )


def _check_numbers(body):
    bounds = {
        "temperature": (0, 2), "top_p": (0, 1), "presence_penalty": (-2, 2), "frequency_penalty": (-2, 2),
        "n": (1, 128), "top_logprobs": (0, 20), "max_tokens": (1, 1 << 31), "max_completion_tokens": (1, 1 << 31),
    }  # fmt: skip
    for name, (least, most) in bounds.items():
        number = body.get(name)
        expect(
            number is None or isinstance(number, (int, float)) and least <= number <= most,
            f"Invalid '{name}': {number} is not from {least} to {most}.",
            parameter=name,
        )
    both = body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None
    expect(not both, "Only one of 'max_tokens' and 'max_completion_tokens' may be set.")
    expect(
        body.get("top_logprobs") is None or body.get("logprobs"),
        "Invalid 'top_logprobs': 'logprobs' is not true.",
        parameter="top_logprobs",
    )
    stop = body.get("stop")
    expect(
        not isinstance(stop, list) or len(stop) <= 4,
        "Invalid 'stop': array too long, of at most 4.",
        parameter="stop",
    )
    efforts = (None, "none", "minimal", "low", "medium", "high", "xhigh")
    expect(
        body.get("reasoning_effort") in efforts,
        f"Invalid value: '{body.get('reasoning_effort')}'.",
        parameter="reasoning_effort",
    )


def _check_form(body):
    form = body.get("response_format") or {"type": "text"}
    place = "response_format"
    expect(
        form.get("type") in ("text", "json_object", "json_schema"),
        f"Invalid value: '{form.get('type')}'.",
        parameter=f"{place}.type",
    )
    if form["type"] == "json_object":
        said = json.dumps(body["messages"]).lower()
        expect(
            "json" in said,
            "With 'json_object' the 'messages' must say the word 'json'.",
            parameter="messages",
        )
    if form["type"] == "json_schema":
        given = form.get("json_schema") or {}
        expect(
            re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", given.get("name") or ""),
            "Missing required parameter: 'response_format.json_schema.name'.",
            parameter=f"{place}.json_schema.name",
        )
        if given.get("strict"):
            check_strict(given.get("schema") or {}, f"response_format '{given['name']}'", place)


def check_strict(schema, what, place):
    """Strict schemas must leave nothing open (OpenAI, Structured Outputs, "Supported schemas")."""
    for part, where in objects(schema):
        said = f"Invalid schema for {what}: In context={where}, "
        expect(
            part.get("additionalProperties") is False,
            said + "'additionalProperties' is not false.",
            code="invalid_json_schema",
            parameter=place,
        )
        missing = set(part.get("properties", {})) - set(part.get("required", []))
        expect(
            not missing,
            said + f"'required' lacks {sorted(missing)}.",
            code="invalid_json_schema",
            parameter=place,
        )
