"""What a server and a skin hand each other."""

import base64
import itertools
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

# Ids of answers: the same from one run to the next.
NUMBERS = itertools.count(1)


class Refused(Exception):
    """An answer that is an error. What is not said the skin fills in, by the status."""

    def __init__(self, status, message, kind=None, code=None, parameter=None, retry=None):
        super().__init__(message)
        self.status, self.message, self.kind, self.code = status, message, kind, code
        self.parameter, self.retry = parameter, retry


class Cut(Exception):
    """The connection ends here, without a word."""


class Exchange:
    """One request, as a skin sees it."""

    def __init__(self, method, target, headers, raw):
        parts = urlsplit(target)
        self.method, self.path, self.query = method, parts.path, dict(parse_qsl(parts.query))
        self.headers = {name.lower(): value for name, value in headers}
        self.raw = raw

    def body(self):
        """The body as an object; every API here takes nothing else."""
        try:
            value = json.loads(self.raw, object_pairs_hook=self._once)
        except ValueError as error:
            raise Refused(400, f"The body is not valid JSON: {error}") from error
        if not isinstance(value, dict):
            raise Refused(400, "The body is no JSON object.")
        return value

    @staticmethod
    def _once(pairs):
        members = dict(pairs)
        if len(members) < len(pairs):
            raise ValueError("a member stands twice in one object")
        return members

    def bearer(self):
        """What stands behind `Authorization: Bearer`, if anything does."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" and token else None


@dataclass
class Reply:
    """An answer: `value` whole, or `pieces` as a stream of this type."""

    value: object = None
    status: int = 200
    headers: dict = field(default_factory=dict)
    pieces: object = None
    type: str = "text/event-stream"
    # A whole answer that is cut in the middle of its body.
    is_cut: bool = False


def expect(condition, message, **more):
    """What an API refuses with 400."""
    if not condition:
        raise Refused(400, message, **more)


def decoded(text, message, **more):
    """How many bytes a base64 text holds."""
    try:
        return len(base64.b64decode(text, validate=True))
    except ValueError:
        raise Refused(400, message, **more) from None
