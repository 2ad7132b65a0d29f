"""What a simulated model does: the prompt asks for it, whatever API it comes through.

The last turn may hold orders, `<<name>>` or `<<name: argument>>`, anywhere in its words; a tool's result may hold them
too, for several rounds of calls:

    <<say: Hello, |world>>       these words, streamed in these pieces
    <<think: hm|so>>             thoughts before them, in pieces, where the API has any
    <<call: name {"x": 1}>>      a call of a tool; several are made in parallel
    <<refuse: No.>>              the model declines in these words
    <<filter>>                   the provider's filter cuts the answer after its first piece, or `<<filter: prompt>>`
                                 lets none begin
    <<length>>                   the answer is cut as too long, after all its pieces
    <<usage: prompt=9 output=4 cached=3 written=2 reasoning=1>>
                                 what is told of the cost: cached and written are part of the prompt, reasoning of the
                                 output
    <<error: 429 7>>             the status, and the seconds of its Retry-After; `overloaded` is 529 or what is nearest
    <<fail: 2>>                  an error in the stream after so many pieces, or one; a whole answer is a 500
    <<cut: 2>>                   the connection ends there; a whole answer is cut in the middle
    <<wait: 0.5>>                so many seconds before the head
    <<pause: 0.5>>               so many seconds between two pieces

Without orders: an answer to tools' results quotes them, one to pictures tells their types and sizes, a JSON Schema is
answered with an instance of it, a forced call is made with an instance of its parameters, and all else with "An answer
from outside." A bound on tokens counts pieces, stop texts stop.

Some names of models are orders too: `busy` 429, `keyless` 401 that repeats the key, `broken` 500, `cut` a stream that
lacks nothing but its end, `slow` a stream that never begins.
"""

import hashlib
import json
import re
import time
from dataclasses import dataclass, field

from .instance import instance
from .wire import Cut, Refused

# How long a vector is if nobody says.
VECTOR = 2
WORDS = ["An ", "answer ", "from ", "outside."]
ORDER = re.compile(r"<<(\w+)(?::\s*(.*?))?>>", re.DOTALL)


class Failed(Exception):
    """The stream says here that something went wrong."""


@dataclass
class Turn:
    """What was said last."""

    text: str = ""
    # (media type, bytes) of each picture.
    images: list = field(default_factory=list)
    # The words of each tool's result.
    results: list = field(default_factory=list)


@dataclass
class Ask:
    """A request, whatever API it came through."""

    model: str
    turn: Turn
    streams: bool = False
    # Parameters by name.
    tools: dict = field(default_factory=dict)
    # `auto`, `none`, `required`, or ("tool", name).
    choice: object = "auto"
    parallel: bool = True
    # The form of the answer: a schema, or any object.
    schema: object = None
    wants_object: bool = False
    limit: int = None
    stops: list = field(default_factory=list)
    # What a server that repeats its key repeats.
    key: str = ""


@dataclass
class Call:
    number: int
    name: str
    arguments: object


@dataclass
class Usage:
    """Tokens: `cached` and `written` are part of `prompt`, `reasoning` of `output`."""

    prompt: int = 9
    output: int = 0
    cached: int = 0
    written: int = 0
    reasoning: int = 0


class Answer:
    """What becomes of a request. Errors before the first byte are raised by `decide`."""

    def __init__(self):
        self.thoughts, self.words, self.calls, self.refusal = [], [], [], None
        # `stop`, `length`, `calls`, `filter`
        self.end = "stop"
        self.stop_text = None
        self.usage = Usage()
        # `fail` or `cut`: what happens after so many pieces.
        self.breaks, self.breaks_after = None, 1
        self.told, self.pause = 0, 0.0

    @property
    def text(self):
        return "".join(self.words)

    @property
    def thought(self):
        return "".join(self.thoughts)

    def step(self):
        """Comes before each piece of what is said, thought or called."""
        if self.breaks and self.told == self.breaks_after:
            self._break()
        if self.told and self.pause:
            time.sleep(self.pause)
        self.told += 1

    def close(self):
        """Comes before what ends a stream."""
        if self.breaks:
            self._break()

    def _break(self):
        raise Cut if self.breaks == "cut" else Failed


def decide(ask):
    """The answer to a request."""
    orders = _orders(ask)
    if ask.model == "slow" and ask.streams:
        time.sleep(3600)
    time.sleep(float(orders.get("wait", ["0"])[0]))
    _raise(ask, orders)
    answer = Answer()
    answer.thoughts = [piece for thought in orders.get("think", []) for piece in thought.split("|")]
    answer.calls = _calls(ask, orders)
    answer.refusal = orders.get("refuse", [None])[0]
    answer.words = [] if answer.refusal is not None else _words(ask, orders, bool(answer.calls))
    answer.pause = float(orders.get("pause", ["0"])[0])
    for name in ("fail", "cut"):
        if name in orders:
            answer.breaks, answer.breaks_after = name, int(orders[name][0] or 1)
    _bound(ask, orders, answer)
    _count(orders, answer)
    return answer


def _orders(ask):
    """Arguments by the name of the order, in order."""
    orders = {"cut": ["-1"]} if ask.model == "cut" else {}
    for name, argument in ORDER.findall("\n".join([ask.turn.text, *ask.turn.results])):
        orders.setdefault(name, []).append(argument)
    return orders


def _raise(ask, orders):
    statuses = {"busy": 429, "keyless": 401, "broken": 500}
    if ask.model in statuses:
        said = ask.key if ask.model == "keyless" else ask.model
        retry = 7 if ask.model == "busy" else None
        raise Refused(statuses[ask.model], said, code=ask.model, retry=retry)
    if "error" not in orders:
        return
    status, *retry = orders["error"][0].split()
    number = 529 if status == "overloaded" else int(status)
    raise Refused(number, f"An error as ordered: {status}", retry=int(retry[0]) if retry else None)


def _calls(ask, orders):
    if ask.choice == "none" or not ask.tools:
        return []
    made = []
    for order in orders.get("call", []):
        name, _, arguments = order.partition(" ")
        made.append((name, json.loads(arguments or "{}")))
    named = ask.choice[1] if isinstance(ask.choice, tuple) else None
    if named or (ask.choice == "required" and not made):
        # A forced call is this one, whatever the model would like.
        name = named or next(iter(ask.tools))
        made = [call for call in made if call[0] == name] or [(name, instance(ask.tools[name] or {}))]
    if not ask.parallel:
        made = made[:1]
    return [Call(number, name, arguments) for number, (name, arguments) in enumerate(made)]


def _words(ask, orders, has_calls):
    if "say" in orders:
        return [piece for words in orders["say"] for piece in words.split("|")]
    if has_calls:
        return []
    if ask.schema is not None:
        return _pieces(json.dumps(instance(ask.schema), ensure_ascii=False))
    if ask.wants_object:
        return _pieces(json.dumps({"answer": "".join(WORDS)}))
    if ask.turn.results:
        return ["The tools said: ", "; ".join(ask.turn.results)]
    if ask.turn.images:
        return ["I see ", ", ".join(f"{kind} of {count} bytes" for kind, count in ask.turn.images), "."]
    return list(WORDS)


def _pieces(text, size=7):
    return [text[at : at + size] for at in range(0, len(text), size)]


def fragments(call):
    """The arguments of a call as the pieces of their JSON, for an API that streams them so."""
    return _pieces(json.dumps(call.arguments, ensure_ascii=False))


def _bound(ask, orders, answer):
    """Where the answer ends, and why."""
    if answer.calls:
        answer.end = "calls"
    for stop in ask.stops:
        if stop and stop in answer.text:
            answer.words, answer.stop_text = [answer.text[: answer.text.index(stop)]], stop
    if "filter" in orders:
        told = 0 if orders["filter"][0] == "prompt" else 1
        answer.end, answer.words, answer.calls = "filter", answer.words[:told], []
    elif "length" in orders:
        answer.end = "length"
    elif ask.limit is not None and ask.limit < len(answer.thoughts) + len(answer.words):
        answer.end, answer.calls, answer.stop_text = "length", [], None
        answer.thoughts = answer.thoughts[: ask.limit]
        answer.words = answer.words[: max(0, ask.limit - len(answer.thoughts))]


def _count(orders, answer):
    usage = answer.usage
    usage.reasoning = len(answer.thoughts)
    usage.output = usage.reasoning + len(answer.words) + 5 * len(answer.calls) + (answer.refusal is not None)
    for order in orders.get("usage", []):
        for given in order.split():
            name, _, number = given.partition("=")
            setattr(usage, name, int(number))


def vector(text, count):
    """A vector of length 1 that belongs to a text."""
    seed = json.dumps(text).encode()
    numbers = []
    while len(numbers) < count:
        digest = hashlib.sha256(seed + len(numbers).to_bytes(4, "big")).digest()
        numbers += [byte / 127.5 - 1 for byte in digest]
    length = sum(number * number for number in numbers[:count]) ** 0.5 or 1.0
    return [number / length for number in numbers[:count]]
