"""What Anthropic refuses of a request, and who said what in it (Anthropic API reference, Create a Message)."""

import base64
import hashlib
import re

from .instance import UNENFORCED, schemas
from .script import Turn
from .wire import decoded, expect

# The members of each object of a request.
MEMBERS = {
    "body": "model messages max_tokens system stream temperature top_p top_k stop_sequences tools tool_choice thinking "
    "metadata service_tier container inference_geo output_config cache_control diagnostics speed user_profile_id",
    "message": "role content",
    "text": "type text cache_control citations",
    "image": "type source cache_control transformations",
    "document": "type source cache_control citations context title",
    "tool_use": "type id name input cache_control caller toolset_name",
    "tool_result": "type tool_use_id content is_error cache_control toolset_name",
    "thinking": "type thinking signature",
    "redacted_thinking": "type data",
    "tool": "name description input_schema type cache_control strict defer_loading allowed_callers "
    "eager_input_streaming input_examples",
    "source": "type media_type data url file_id content",
    "choice": "type name disable_parallel_tool_use",
    "thinking_config": "type budget_tokens display",
    "output_config": "effort format",
    "format": "type schema",
    "metadata": "user_id",
    "cache_control": "type ttl",
}
# Members that a beta brings, by the beginning of its name (Anthropic API reference, Beta headers).
BETA_MEMBERS = {
    "body": {"context_management": "context-management-"},
    "message": {"output_config": "per-turn-control-"},
}
BLOCKS = {
    # "Mid-conversation system messages", from Claude Opus 4.8 on.
    "system": ("text",),
    "user": ("text", "image", "document", "tool_result"),
    "assistant": ("text", "thinking", "redacted_thinking", "tool_use"),
}
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")


def signature(thought):
    """The seal on a thought: nobody but this API can make one."""
    digest = hashlib.sha256(b"anthropic" + thought.encode()).digest()
    return base64.b64encode(b"\x12" + digest * 2).decode()


def only(value, kind, place, betas=()):
    """An object with known members alone."""
    expect(isinstance(value, dict), f"{place}: Input should be a valid dictionary")
    brought = {name for name, beta in BETA_MEMBERS.get(kind, {}).items() if any(one.startswith(beta) for one in betas)}
    for name in value:
        known = name in brought or name in MEMBERS[kind].split()
        expect(
            known,
            f"{place}.{name}: Extra inputs are not permitted" if place else f"{name}: Extra inputs are not permitted",
        )
    if isinstance(value.get("cache_control"), dict):
        only(value["cache_control"], "cache_control", f"{place}.cache_control")
    return value


def check(body, version, betas=()):
    """What is refused of a request, messages aside."""
    if version >= "2026-10-21":
        # Gone with that version (Claude API, Migrating to API version 2026-10-21).
        for name in ("temperature", "top_p", "top_k"):
            expect(body.get(name) is None, f"{name}: Extra inputs are not permitted")
    only(body, "body", "", betas)
    for name in ("model", "messages", "max_tokens"):
        expect(body.get(name) is not None, f"{name}: Field required")
    most = body["max_tokens"]
    expect(isinstance(most, int) and most >= 1, "max_tokens: Input should be greater than or equal to 1")
    system = body.get("system")
    for at, block in enumerate(system if isinstance(system, list) else []):
        only(block, "text", f"system.{at}")
        expect(block.get("text"), "system: text content blocks must be non-empty")
    if body.get("metadata") is not None:
        only(body["metadata"], "metadata", "metadata")
    for stop in body.get("stop_sequences") or []:
        expect(stop.strip(), "stop_sequences: white space alone stops nothing")
    _check_tools(body)
    _check_thinking(body)
    config = only(body.get("output_config") or {}, "output_config", "output_config")
    if config.get("format") is not None:
        form = only(config["format"], "format", "output_config.format")
        expect(form.get("type") == "json_schema", "output_config.format.type: Input should be 'json_schema'")
        expect(isinstance(form.get("schema"), dict), "output_config.format.schema: Field required")
        enforceable(form["schema"], "output_config.format.schema")
    efforts = (None, "low", "medium", "high", "xhigh", "max")
    expect(
        config.get("effort") in efforts,
        "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
    )


def enforceable(schema, place):
    """Whether a grammar can be made of a schema."""
    for part in schemas(schema):
        for name in sorted(UNENFORCED & part.keys()):
            expect(False, f"{place}: For '{part.get('type', 'any')}' type, property '{name}' is not supported")
        if part.get("type") == "object":
            expect(
                part.get("additionalProperties") is False,
                f"{place}: For 'object' type, 'additionalProperties' must be explicitly set to false",
            )


def _check_tools(body):
    for at, tool in enumerate(body.get("tools") or []):
        if tool.get("type", "custom") != "custom":
            continue  # One of Anthropic's own.
        only(tool, "tool", f"tools.{at}.custom")
        name = tool.get("name") or ""
        expect(
            re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", name),
            f"tools.{at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'",
        )
        schema = tool.get("input_schema")
        expect(isinstance(schema, dict), f"tools.{at}.custom.input_schema: Field required")
        expect(schema.get("type") == "object", f"tools.{at}.custom.input_schema.type: Input should be 'object'")
        if tool.get("strict"):
            enforceable(schema, f"tools.{at}.custom.input_schema")
    if body.get("tool_choice") is not None:
        choice = only(body["tool_choice"], "choice", "tool_choice")
        expect(
            choice.get("type") in ("auto", "any", "tool", "none"),
            "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'",
        )
        expect(body.get("tools"), "tool_choice: there are no tools")
        names = [tool.get("name") for tool in body["tools"]]
        expect(
            choice["type"] != "tool" or choice.get("name") in names,
            f"tool_choice.name: there is no tool '{choice.get('name')}'",
        )


def is_from(model, *version):
    """Is this a model of that version, or of a later one? Some things went with one (Claude, Migration guide)."""
    found = re.match(r"claude-[a-z]+-(\d+)(?:-(\d{1,2})(?!\d))?", model)
    return bool(found) and (int(found[1]), int(found[2] or 0)) >= version


def _check_thinking(body):
    model, thinking = body["model"], body.get("thinking") or {"type": "disabled"}
    only(thinking, "thinking_config", "thinking")
    expect(
        thinking.get("type") in ("enabled", "disabled", "adaptive", "between_tools"),
        f"thinking: Input tag '{thinking.get('type')}' is not expected",
    )
    for name in ("temperature", "top_p", "top_k"):
        expect(body.get(name) is None or not is_from(model, 4, 7), f"`{name}` is deprecated for this model.")
    temperature = body.get("temperature")
    expect(temperature is None or 0 <= temperature <= 1, "temperature: Input should be less than or equal to 1")
    expect(body.get("top_p") is None or 0 <= body["top_p"] <= 1, "top_p: Input should be less than or equal to 1")
    expect(
        temperature is None or body.get("top_p") is None or "-3" in model,
        "Only one of `temperature` and `top_p` may be set for this model",
    )
    if thinking["type"] != "enabled":
        expect(
            thinking.get("budget_tokens") is None,
            f"thinking.{thinking['type']}.budget_tokens: Extra inputs are not permitted",
        )
        return
    expect(
        not is_from(model, 4, 7),
        "thinking.type: this model takes `adaptive`, with `output_config.effort`, in the place of `enabled`",
    )
    budget = thinking.get("budget_tokens")
    expect(budget is not None, "thinking.enabled.budget_tokens: Field required")
    expect(budget >= 1024, "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
    expect(budget < body["max_tokens"], "max_tokens: must be greater than thinking.budget_tokens")
    expect(temperature in (None, 1), "temperature: must be 1 while thinking is enabled")
    expect(body.get("top_k") is None, "top_k: must not be set while thinking is enabled")
    choice = (body.get("tool_choice") or {}).get("type")
    expect(choice not in ("any", "tool"), "tool_choice: no tool may be forced while thinking is enabled")


class Conversation:
    """Messages in the order that Anthropic demands, and the last turn of them."""

    def __init__(self, messages, model, betas=()):
        self.model = model
        expect(isinstance(messages, list) and messages, "messages: at least one message is required")
        self.last, self.called = Turn(), []
        role = None
        for at, message in enumerate(messages):
            only(message, "message", f"messages.{at}", betas)
            previous, role = role, message.get("role")
            expect(
                role != "system" or is_from(model, 4, 8) and previous == "user",
                "messages: what the system says belongs into the member `system`",
            )
            expect(role in BLOCKS, f"messages.{at}.role: Input should be 'user' or 'assistant'")
            blocks = self._blocks(at, message, is_last=at == len(messages) - 1)
            if role == "system":
                continue
            if role == "assistant":
                self._expect_answered(at, [])
                self.called = [block["id"] for block in blocks if block["type"] == "tool_use"]
                continue
            self._expect_answered(at, blocks)
            turn = self._turn(blocks)
            # Turns of one role that follow each other are one.
            if previous == "user":
                turn = Turn(
                    self.last.text + turn.text, self.last.images + turn.images, self.last.results + turn.results
                )
            self.last = turn
        self._expect_answered(len(messages), [])

    def _blocks(self, at, message, is_last):
        content, role = message.get("content"), message["role"]
        expect(content is not None, f"messages.{at}.content: Field required")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        expect(isinstance(blocks, list), f"messages.{at}.content: Input should be a valid list")
        is_prefill = is_last and role == "assistant"
        expect(
            blocks or is_prefill,
            f"messages.{at}: only the assistant's last message may be empty",
        )
        for number, block in enumerate(blocks):
            self._check_block(block, role, f"messages.{at}.content.{number}")
        expect(
            not is_prefill or not is_from(self.model, 4, 6),
            "This model does not support prefill: the last message must be the user's",
        )
        if is_prefill and blocks and blocks[-1]["type"] == "text":
            text = blocks[-1]["text"]
            expect(text == text.rstrip(), "messages: the assistant's last message must not end with white space")
        return blocks

    def _check_block(self, block, role, place):
        kind = block.get("type") if isinstance(block, dict) else None
        known = kind in BLOCKS[role]
        expect(known, f"{place}: Input tag '{kind}' is not expected")
        only(block, kind, f"{place}.{kind}")
        if kind == "text":
            expect(isinstance(block.get("text"), str), f"{place}.text.text: Field required")
            expect(block["text"], "messages: text content blocks must be non-empty")
        elif kind == "image":
            picture(block, f"{place}.image")
        elif kind == "thinking":
            sealed = block.get("signature") == signature(block.get("thinking", ""))
            expect(sealed, f"{place}: Invalid `signature` in `thinking` block")
        elif kind == "tool_use":
            expect(
                re.fullmatch(r"[a-zA-Z0-9_-]+", block.get("id") or ""),
                f"{place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
            )
            expect(isinstance(block.get("input"), dict), f"{place}.tool_use.input: Input should be a valid dictionary")
            expect(block.get("name"), f"{place}.tool_use.name: Field required")
        elif kind == "tool_result":
            for number, part in enumerate(block["content"] if isinstance(block.get("content"), list) else []):
                inner = f"{place}.tool_result.content.{number}"
                expect(
                    part.get("type") in ("text", "image", "document"),
                    f"{inner}: Input tag '{part.get('type')}' is not expected",
                )
                only(part, part["type"], f"{inner}.{part['type']}")

    def _expect_answered(self, at, blocks):
        results = [block.get("tool_use_id") for block in blocks if block["type"] == "tool_result"]
        missing = [name for name in self.called if name not in results]
        expect(
            not missing,
            f"messages.{at - 1}: `tool_use` without a `tool_result` in the next message: {', '.join(missing)}",
        )
        for name in results:
            expect(
                name in self.called,
                f"messages.{at}.content: `tool_result` without a `tool_use` in the message before: {name}",
            )
        expect(len(set(results)) == len(results), f"messages.{at}: two results of one `tool_use`")
        kinds = [block["type"] for block in blocks]
        first = kinds[: len(results)]
        expect(
            all(kind == "tool_result" for kind in first),
            f"messages.{at}: `tool_result` blocks must come before other content",
        )
        self.called = []

    def _turn(self, blocks):
        turn = Turn()
        for block in blocks:
            if block["type"] == "text":
                turn.text += block["text"]
            elif block["type"] == "image":
                turn.images.append(picture(block, "messages"))
            elif block["type"] == "tool_result":
                content = block.get("content") or ""
                parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
                turn.results.append("".join(part.get("text", "") for part in parts))
        return turn


def picture(block, place):
    """Media type and size of a picture within the request."""
    source = only(block.get("source"), "source", f"{place}.source")
    expect(source.get("type") == "base64", f"{place}.source: nothing is fetched here")
    kind = source.get("media_type")
    expect(kind in IMAGES, f"{place}.source.base64.media_type: Input should be {IMAGES}")
    return kind, decoded(source.get("data", ""), f"{place}.source.base64: invalid base64 data")
