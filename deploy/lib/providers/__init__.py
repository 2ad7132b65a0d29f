"""Providers outside, played by a program: one behaviour, which the prompt asks for (`script`), and a skin for each API
that checks what the real one would refuse and puts the behaviour into its words (`openai`, `anthropic`, `gemini`)."""

from .anthropic import Anthropic
from .gemini import Gemini
from .openai import OpenAI
from .wire import Cut, Exchange, Refused, Reply

__all__ = ["Cut", "Exchange", "Refused", "Reply", "skin"]


def skin(exchange, key=None):
    """The API that a path belongs to, as one request sees it; every path that is nobody's is OpenAI's to refuse."""
    path, headers = exchange.path, exchange.headers
    if path.startswith("/v1/messages") or path == "/v1/models" and "anthropic-version" in headers:
        return Anthropic(exchange, key)
    if path.startswith("/v1beta/") or ":" in path or path == "/v1/models" and "x-goog-api-key" in headers:
        return Gemini(exchange, key)
    return OpenAI(exchange, key)
