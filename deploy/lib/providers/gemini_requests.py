"""What Google refuses of a request, and who said what in it (Gemini API reference, `GenerateContentRequest`)."""

import base64
import hashlib
import json
import re

from .script import Turn
from .wire import Refused, decoded, expect

PICTURES = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
# Taken in the place of a seal that nobody has (Gemini API, Thought signatures, "FAQs").
NO_SEAL = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")

# The members of each message, and which message they are; `*` is a list of them, `any` is free (Gemini API reference).
SCHEMA = {
    "type": "", "format": "", "title": "", "description": "", "nullable": "", "enum": "", "maxItems": "",
    "minItems": "", "properties": "map:Schema", "required": "", "minProperties": "", "maxProperties": "",
    "minLength": "", "maxLength": "", "pattern": "", "example": "any",
    "anyOf": "*Schema", "propertyOrdering": "", "default": "any", "items": "Schema",
    "minimum": "", "maximum": "",
}  # fmt: skip
MESSAGES = {
    "Request": {
        "contents": "*Content", "systemInstruction": "Content", "tools": "*Tool", "toolConfig": "ToolConfig",
        "generationConfig": "Config", "safetySettings": "any", "cachedContent": "", "serviceTier": "", "store": "",
        "model": "", "labels": "any",
    },
    "Content": {"role": "", "parts": "*Part"},
    "Part": {
        "text": "", "thought": "", "thoughtSignature": "", "inlineData": "Blob", "functionCall": "Call",
        "functionResponse": "Response", "fileData": "any", "executableCode": "any", "codeExecutionResult": "any",
        "videoMetadata": "any", "mediaResolution": "any", "partMetadata": "any",
    },
    "Blob": {"mimeType": "", "data": "", "displayName": ""},
    "Call": {"id": "", "name": "", "args": "any"},
    "Response": {
        "id": "", "name": "", "response": "any", "parts": "*ResponsePart", "willContinue": "", "scheduling": "",
    },
    "ResponsePart": {"inlineData": "Blob"},
    "Tool": {
        "functionDeclarations": "*Function", "googleSearch": "any", "codeExecution": "any", "urlContext": "any",
    },
    "Function": {
        "name": "", "description": "", "parameters": "Schema", "parametersJsonSchema": "any", "response": "Schema",
        "responseJsonSchema": "any", "behavior": "",
    },
    "Schema": SCHEMA,
    "ToolConfig": {"functionCallingConfig": "Calling", "retrievalConfig": "any"},
    "Calling": {"mode": "", "allowedFunctionNames": ""},
    "Config": {
        "temperature": "", "topP": "", "topK": "", "candidateCount": "", "maxOutputTokens": "", "stopSequences": "",
        "presencePenalty": "", "frequencyPenalty": "", "seed": "", "responseLogprobs": "", "logprobs": "",
        "responseMimeType": "", "responseSchema": "Schema", "responseJsonSchema": "any", "responseModalities": "",
        "thinkingConfig": "Thinking", "mediaResolution": "", "speechConfig": "any", "imageConfig": "any",
        "enableEnhancedCivicAnswers": "",
    },
    "Thinking": {"includeThoughts": "", "thinkingBudget": "", "thinkingLevel": ""},
    "Batch": {"requests": "*Embed"},
    "Embed": {"model": "", "content": "Content", "taskType": "", "title": "", "outputDimensionality": ""},
}  # fmt: skip


def camel(name):
    """`max_output_tokens` as `maxOutputTokens`."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def snake(name):
    return re.sub(r"[A-Z]", lambda found: "_" + found[0].lower(), name)


def known(value, message, place=""):
    """A message with known members alone, in one spelling."""
    expect(isinstance(value, dict), f"Invalid value at '{place}': expected an object.")
    out = {}
    for given, inner in value.items():
        name = camel(given)
        kind = MESSAGES[message].get(name)
        where = f" at '{place}'" if place else ""
        expect(kind is not None, f'Invalid JSON payload received. Unknown name "{given}"{where}: Cannot find field.')
        expect(name not in out, f'Invalid JSON payload received. "{given}"{where} stands twice.')
        inner_place = f"{place}.{snake(name)}" if place else snake(name)
        if inner is None:
            continue
        if kind.startswith("*"):
            # A list of one may stand without its brackets.
            parts = inner if isinstance(inner, list) else [inner]
            out[name] = [known(part, kind[1:], f"{inner_place}[{at}]") for at, part in enumerate(parts)]
        elif kind.startswith("map:"):
            expect(isinstance(inner, dict), f"Invalid value at '{inner_place}': expected an object.")
            out[name] = {key: known(part, kind[4:], f"{inner_place}[{key}]") for key, part in inner.items()}
        else:
            out[name] = known(inner, kind, inner_place) if kind not in ("", "any") else inner
    return out


def seal(call):
    """The signature of a call: nobody but this API can make one."""
    digest = hashlib.sha256(b"gemini" + json.dumps(call, sort_keys=True).encode()).digest()
    return base64.b64encode(digest).decode()


def wants_seals(model):
    """Are seals demanded? So it is from Gemini 3 on."""
    return model.startswith("gemini-") and not re.match(r"gemini-[12]\b", model)


def check(request, model):
    """What is refused of a request, contents aside."""
    expect(request.get("contents"), "* GenerateContentRequest.contents: contents is not specified")
    for part in request.get("systemInstruction", {}).get("parts", []):
        expect("text" in part, "* GenerateContentRequest.system_instruction.parts: only text is supported")
    names = []
    for tool in request.get("tools", []):
        for at, one in enumerate(tool.get("functionDeclarations", [])):
            place = f"* GenerateContentRequest.tools[0].function_declarations[{at}]"
            valid = re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}", one.get("name") or "")
            expect(valid, f"{place}.name: Invalid function name.")
            expect(one["name"] not in names, f"{place}.name: Duplicate function declaration found: {one['name']}")
            both = "parameters" in one and "parametersJsonSchema" in one
            expect(not both, f"{place}.parameters_json_schema: only one of it and parameters may be set")
            names.append(one["name"])
    calling = request.get("toolConfig", {}).get("functionCallingConfig", {})
    mode, only = calling.get("mode"), calling.get("allowedFunctionNames") or []
    expect(
        mode in (None, "AUTO", "ANY", "NONE", "VALIDATED"),
        f"Invalid value at 'tool_config.function_calling_config.mode' (TYPE_ENUM), \"{mode}\"",
    )
    expect(mode in (None, "NONE") or names, "Function calling config is set without function_declarations.")
    expect(
        not only or mode in ("ANY", "VALIDATED"),
        "* GenerateContentRequest.tool_config.function_calling_config.allowed_function_names: for the mode ANY alone",
    )
    for name in only:
        expect(name in names, f"allowed_function_names: {name} is not found in function_declarations")
    _check_config(request.get("generationConfig", {}), model, names)


def _check_config(config, model, names):
    place = "* GenerateContentRequest.generation_config"
    bounds = {
        "temperature": (0, 2), "topP": (0, 1), "topK": (1, 1 << 31), "presencePenalty": (-2, 2),
        "frequencyPenalty": (-2, 2), "maxOutputTokens": (1, 1 << 31), "logprobs": (1, 20), "candidateCount": (1, 8),
        "seed": (-(1 << 31), (1 << 31) - 1),
    }  # fmt: skip
    for name, (least, most) in bounds.items():
        number = config.get(name)
        expect(
            number is None or isinstance(number, (int, float)) and least <= number <= most,
            f"{place}.{snake(name)}: must be in the range [{least}, {most}]",
        )
    stops = config.get("stopSequences") or []
    expect(len(stops) <= 5, f"{place}.stop_sequences: at most 5 stop sequences")
    expect(all(stops), f"{place}.stop_sequences: must not be empty")
    expect("logprobs" not in config or config.get("responseLogprobs"), f"{place}.logprobs: requires response_logprobs")
    mime = config.get("responseMimeType", "text/plain")
    expect(
        mime in ("text/plain", "application/json", "text/x.enum"),
        f"{place}.response_mime_type: {mime} is not supported",
    )
    shaped = "responseSchema" in config or "responseJsonSchema" in config
    expect(
        not shaped or mime != "text/plain",
        f"{place}.response_schema: only allowed when response_mime_type is application/json",
    )
    expect(
        "responseSchema" not in config or "responseJsonSchema" not in config,
        f"{place}.response_json_schema: only one of it and response_schema may be set",
    )
    mixed = names and mime == "application/json" and not wants_seals(model)
    expect(not mixed, "Function calling with a response mime type: 'application/json' is unsupported")
    thinking = config.get("thinkingConfig", {})
    both = thinking.get("thinkingBudget") is not None and thinking.get("thinkingLevel") is not None
    expect(not both, "Only one of thinking_budget and thinking_level may be set.")
    level = str(thinking.get("thinkingLevel", "LOW")).upper()
    expect(
        level in ("MINIMAL", "LOW", "MEDIUM", "HIGH"),
        f"Invalid value at 'generation_config.thinking_config.thinking_level' (TYPE_ENUM), \"{level}\"",
    )
    expect(
        "thinkingLevel" not in thinking or wants_seals(model) or not model.startswith("gemini-"),
        "Thinking level is not supported for this model.",
    )
    expect(
        level != "MINIMAL" or "pro" not in model.split("-"), "Thinking level MINIMAL is not supported for this model."
    )


class Conversation:
    """Contents in the order that Google demands, and the last turn of them."""

    def __init__(self, contents, model):
        self.last, self.model = Turn(), model
        called, role = [], None
        # A turn begins where the user says anything but results; seals are demanded from there on.
        begin = max((at for at, one in enumerate(contents) if self._is_said(one)), default=0)
        for at, content in enumerate(contents):
            previous, role = role, content.get("role", "user")
            expect(role in ("user", "model", "function"), "The role is not valid: user or model.")
            parts = content.get("parts") or []
            expect(parts, f"* GenerateContentRequest.contents[{at}].parts: contents.parts must not be empty.")
            for number, part in enumerate(parts):
                self._check(part, f"* GenerateContentRequest.contents[{at}].parts[{number}]")
            calls = [part["functionCall"] for part in parts if "functionCall" in part]
            results = [part["functionResponse"] for part in parts if "functionResponse" in part]
            self._match(called, results)
            if calls:
                expect(
                    role == "model" and previous != "model" and at,
                    "A function call must come right after a turn of the user's, or after function responses.",
                )
                if at > begin:
                    self._check_seal(parts, at)
            called = calls
            if role != "model":
                turn = self._turn(parts)
                if previous not in (None, "model"):
                    turn = Turn(
                        self.last.text + turn.text, self.last.images + turn.images, self.last.results + turn.results
                    )
                self.last = turn

    @staticmethod
    def _is_said(content):
        return content.get("role") != "model" and not any(
            "functionResponse" in part for part in content.get("parts") or []
        )

    @staticmethod
    def _check(part, place):
        data = [name for name in ("text", "inlineData", "functionCall", "functionResponse", "fileData") if name in part]
        expect(len(data) == 1, f"{place}.data: required oneof field 'data' must have one initialized field")
        if "functionCall" in part:
            expect(part["functionCall"].get("name"), f"{place}.function_call.name: Name cannot be empty.")
            expect(
                isinstance(part["functionCall"].get("args", {}), dict), f"Invalid value at '{place}.function_call.args'"
            )
        if "functionResponse" in part:
            response = part["functionResponse"]
            expect(response.get("name"), f"{place}.function_response.name: Name cannot be empty.")
            expect(
                isinstance(response.get("response"), dict),
                f"Invalid value at '{place}.function_response.response' (type.googleapis.com/google.protobuf.Struct)",
            )
            for inner in response.get("parts", []):
                picture(inner.get("inlineData", {}))
        if "inlineData" in part:
            picture(part["inlineData"])

    @staticmethod
    def _match(called, results):
        expect(
            len(called) == len(results),
            f"There must be as many function response parts as function call parts before them: {len(called)}.",
        )
        for call in called:
            answers = [one for one in results if one["name"] == call["name"] and one.get("id") == call.get("id")]
            expect(answers, f"There is no function response with the name and id of {call['name']}.")

    def _check_seal(self, parts, at):
        first = next(part for part in parts if "functionCall" in part)
        given = first.get("thoughtSignature")
        if not wants_seals(self.model):
            expect(given is None or given not in NO_SEAL, "Thought signature is not valid.")
        elif given is None:
            name = first["functionCall"]["name"]
            raise Refused(
                400,
                f"Function call is missing a thought_signature: `default_api:{name}`, position {at}.",
            )
        else:
            # Bytes may come in either alphabet of base64.
            plain = given.replace("-", "+").replace("_", "/")
            expect(given in NO_SEAL or plain == seal(first["functionCall"]), "Corrupted thought signature.")

    @staticmethod
    def _turn(parts):
        turn = Turn()
        for part in parts:
            turn.text += part.get("text", "")
            if "inlineData" in part:
                turn.images.append(picture(part["inlineData"]))
            if "functionResponse" in part:
                response = part["functionResponse"]["response"]
                said = response.get("output", response.get("error", response))
                turn.results.append(said if isinstance(said, str) else json.dumps(said))
        return turn


def picture(blob):
    """Media type and size of a picture within the request."""
    kind = blob.get("mimeType")
    expect(kind in PICTURES, f"Unsupported MIME type: {kind}")
    return kind, decoded(
        blob.get("data", ""), "Invalid value at 'inline_data.data' (TYPE_BYTES), Base64 decoding failed"
    )
