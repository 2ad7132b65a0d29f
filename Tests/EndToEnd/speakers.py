"""The providers' APIs through their makers' own SDKs, with one face: `ask` and `stream` take turns, and what `tools`,
`schema`, `few(tokens)` and the like give. They return what was said, what was called, why it ended (by the words
of `ends`) and what it cost: tokens of the prompt, of the output, of the cache, of thoughts."""

import base64
import json

import anthropic
import openai
import pytest

# The providers outside, and what a backend says to be one.
KINDS = {
    "openai": {"kind": "openai"},
    "azure": {"kind": "openai", "api_version": "2024-10-21"},
    "anthropic": {"kind": "anthropic"},
    "gemini": {"kind": "gemini"},
}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 60).decode()
WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "enum": [3, 4]}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


def part(details, name):
    """What a server tells of its tokens; one that does not know tells nothing."""
    return getattr(details, name, None) or 0


class OpenAI:
    """One question and its answer, in OpenAI's words."""

    errors = openai

    def __init__(self, url, key, model="gpt-4.1"):
        self.model, self.client = model, self.connect(url, key)
        self.chat = self.client.chat.completions

    @staticmethod
    def connect(url, key):
        return openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0)

    def ask(self, *turns, **more):
        return self._read(self.chat.create(model=self.model, messages=self.messages(turns), **more))

    @staticmethod
    def messages(turns):
        return [{"role": "user", "content": turn} if isinstance(turn, str) else turn for turn in turns]

    @staticmethod
    def _read(answer):
        (choice,) = answer.choices
        calls = [(call.function.name, json.loads(call.function.arguments)) for call in choice.message.tool_calls or []]
        usage = answer.usage
        told = (usage.prompt_tokens, usage.completion_tokens)
        details = (part(usage.prompt_tokens_details, "cached_tokens"), part(usage.completion_tokens_details, "reasoning_tokens"))
        return choice.message.content or choice.message.refusal or "", calls, choice.finish_reason, told + details

    def stream(self, *turns, **more):
        """As `ask`, with the words in their pieces."""
        options = {"stream": True, "stream_options": {"include_usage": True}}
        chunks = list(self.chat.create(model=self.model, messages=self.messages(turns), **options, **more))
        usage = chunks.pop().usage
        chunks = [chunk for chunk in chunks if chunk.choices]
        deltas = [chunk.choices[0].delta for chunk in chunks]
        assert deltas[0].role == "assistant" and all(chunk.choices[0].finish_reason is None for chunk in chunks[:-1])
        calls = {}
        for call in (call for delta in deltas for call in delta.tool_calls or []):
            name, arguments = calls.get(call.index, ("", ""))
            calls[call.index] = (name + (call.function.name or ""), arguments + call.function.arguments)
        told = (usage.prompt_tokens, usage.completion_tokens)
        details = (part(usage.prompt_tokens_details, "cached_tokens"), part(usage.completion_tokens_details, "reasoning_tokens"))
        words = [delta.content or delta.refusal for delta in deltas if delta.content or delta.refusal]
        made = [(name, json.loads(arguments)) for name, arguments in calls.values()]
        return words, made, chunks[-1].choices[0].finish_reason, told + details

    tools = {"tools": [{"type": "function", "function": {"name": "weather", "parameters": WEATHER, "strict": True}}]}
    forced = {**tools, "tool_choice": {"type": "function", "function": {"name": "weather"}}}
    schema = {
        "response_format": {"type": "json_schema", "json_schema": {"name": "w", "schema": WEATHER, "strict": True}}
    }
    ends = {"stop": "stop", "length": "length", "calls": "tool_calls", "filter": "content_filter"}

    @staticmethod
    def few(tokens):
        return {"max_completion_tokens": tokens}

    @staticmethod
    def stops(text):
        return {"stop": [text]}

    def again(self, question, results):
        """The second turn: the question, the calls, and their results."""
        first = self.chat.create(model=self.model, messages=self.messages([question]), **self.tools)
        message = first.choices[0].message
        calls = message.tool_calls
        told = [{"role": "tool", "tool_call_id": call.id, "content": said} for call, said in zip(calls, results)]
        return self.ask(question, message.model_dump(exclude_none=True), *told, **self.tools)

    @staticmethod
    def picture(words):
        image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
        return {"role": "user", "content": [{"type": "text", "text": words}, image]}


class Azure(OpenAI):
    """The same through Azure, where a filtered prompt is an error."""

    @staticmethod
    def connect(url, key):
        return openai.AzureOpenAI(azure_endpoint=url, api_key=key, api_version="2024-10-21", max_retries=0)


class Anthropic:
    """The same in Anthropic's words."""

    errors = anthropic
    THINK = {"thinking": {"type": "enabled", "budget_tokens": 1024}}

    def __init__(self, url, key, model="claude-sonnet-4-6"):
        self.model, self.client = model, anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)

    def create(self, turns, more):
        return {"model": self.model, "max_tokens": 2000, "messages": OpenAI.messages(turns), **more}

    def ask(self, *turns, **more):
        return self._read(self.client.messages.create(**self.create(turns, more)))

    @staticmethod
    def _read(message):
        text = "".join(block.text for block in message.content if block.type == "text")
        calls = [(block.name, block.input) for block in message.content if block.type == "tool_use"]
        usage = message.usage
        cached = usage.cache_read_input_tokens or 0
        prompt = usage.input_tokens + cached + (usage.cache_creation_input_tokens or 0)
        thought = part(usage.output_tokens_details, "thinking_tokens")
        return text, calls, message.stop_reason, (prompt, usage.output_tokens, cached, thought)

    def stream(self, *turns, **more):
        words = []
        with self.client.messages.stream(**self.create(turns, more)) as stream:
            for event in stream:
                if event.type == "content_block_delta" and event.delta.type == "text_delta":
                    words.append(event.delta.text)
            return words, *self._read(stream.get_final_message())[1:]

    tools = {"tools": [{"name": "weather", "input_schema": WEATHER}]}
    forced = {**tools, "tool_choice": {"type": "tool", "name": "weather"}}
    schema = {"output_config": {"format": {"type": "json_schema", "schema": WEATHER}}}
    ends = {"stop": "end_turn", "length": "max_tokens", "calls": "tool_use", "filter": "refusal"}

    @staticmethod
    def few(tokens):
        return {"max_tokens": tokens}

    @staticmethod
    def stops(text):
        return {"stop_sequences": [text]}

    def again(self, question, results):
        message = self.client.messages.create(**self.create([question], self.tools))
        calls = [block for block in message.content if block.type == "tool_use"]
        told = [{"type": "tool_result", "tool_use_id": call.id, "content": said} for call, said in zip(calls, results)]
        turns = [question, {"role": "assistant", "content": message.content}, {"role": "user", "content": told}]
        return self.ask(*turns, **self.tools)

    @staticmethod
    def picture(words):
        source = {"type": "base64", "media_type": "image/png", "data": PNG}
        return {"role": "user", "content": [{"type": "text", "text": words}, {"type": "image", "source": source}]}


class Gemini:
    """The same in Google's words."""

    def __init__(self, url, key, model="gemini-3-pro-preview"):
        genai = pytest.importorskip("google.genai")
        self.model, self.errors = model, genai.errors
        self.client = genai.Client(api_key=key, http_options={"base_url": url})
        self.models = self.client.models

    def contents(self, turns):
        return [{"role": "user", "parts": [{"text": turn}]} if isinstance(turn, str) else turn for turn in turns]

    def ask(self, *turns, **config):
        given = {"model": self.model, "contents": self.contents(turns), "config": self.config(config)}
        return self._read([self.models.generate_content(**given)])

    @staticmethod
    def config(given):
        return {**given, "automatic_function_calling": {"disable": True}}

    @staticmethod
    def _read(chunks):
        contents = [one.content for chunk in chunks for one in chunk.candidates]
        parts = [part for content in contents if content for part in content.parts or []]
        text = "".join(part.text for part in parts if part.text and not part.thought)
        calls = [(part.function_call.name, part.function_call.args) for part in parts if part.function_call]
        usage = chunks[-1].usage_metadata
        thought = usage.thoughts_token_count or 0
        output = (usage.candidates_token_count or 0) + thought
        told = (usage.prompt_token_count, output, usage.cached_content_token_count or 0, thought)
        return text, calls, chunks[-1].candidates[0].finish_reason.value, told

    def stream(self, *turns, **config):
        given = {"model": self.model, "contents": self.contents(turns), "config": self.config(config)}
        chunks = list(self.models.generate_content_stream(**given))
        assert all(chunk.candidates[0].finish_reason is None for chunk in chunks[:-1])
        texts = [self._read([chunk, chunks[-1]])[0] for chunk in chunks[:-1]]
        return [text for text in texts if text], *self._read(chunks)[1:]

    tools = {"tools": [{"function_declarations": [{"name": "weather", "parameters_json_schema": WEATHER}]}]}
    forced = {
        **tools,
        "tool_config": {"function_calling_config": {"mode": "ANY", "allowed_function_names": ["weather"]}},
    }
    schema = {"response_mime_type": "application/json", "response_json_schema": WEATHER}
    ends = {"stop": "STOP", "length": "MAX_TOKENS", "calls": "STOP", "filter": "SAFETY"}

    @staticmethod
    def few(tokens):
        return {"max_output_tokens": tokens}

    @staticmethod
    def stops(text):
        return {"stop_sequences": [text]}

    def again(self, question, results):
        given = {"model": self.model, "contents": self.contents([question]), "config": self.config(self.tools)}
        said = self.models.generate_content(**given).candidates[0].content
        calls = [part.function_call for part in said.parts if part.function_call]
        told = [
            {"function_response": {"id": call.id, "name": call.name, "response": {"output": words}}}
            for call, words in zip(calls, results)
        ]
        return self.ask(question, said, {"role": "user", "parts": told}, **self.tools)

    @staticmethod
    def picture(words):
        image = {"inline_data": {"mime_type": "image/png", "data": PNG}}
        return {"role": "user", "parts": [{"text": words}, image]}
