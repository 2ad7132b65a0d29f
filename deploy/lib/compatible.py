#!/usr/bin/env python3
"""A server inside with OpenAI's API, played by a program: vLLM as its reference describes it ("OpenAI-Compatible Server").
It knows its models by one spelling each, asks for a key if it is given one, and remembers what reaches it.

    compatible.py --listen 127.0.0.1:8000 --model meta-llama/Llama-3.1-8B-Instruct [--context 8192] [--key KEY]
"""
import argparse
import base64
import contextlib
import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = ["An ", "answer ", "from ", "beside."]


class Compatible(ThreadingHTTPServer):
    """The server, within this process or as one of its own. `requests` has the method, path, headers and bytes of each
    request, `sent` the bytes of each answer's body to a POST."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *models, address=("127.0.0.1", 0), context=8192, key=None):
        self.models, self.context, self.key = models, context, key
        self.requests, self.sent, self.connections = [], [], []
        super().__init__(address, Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def asked(self):
        """What models were asked to work on."""
        return [one for one in self.requests if one[0] == "POST"]

    def get_request(self):
        connection, peer = super().get_request()
        self.connections.append(connection)
        return connection, peer

    def handle_error(self, request, client_address):
        """Clients leave when they like."""

    def close(self):
        """Also what stands open: as a process that is killed."""
        self.shutdown()
        self.server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.take(b"")
        if not self.knows_key():
            return
        if self.path != "/v1/models":
            return self.whole({"detail": "Not Found"}, 404)
        self.whole({"object": "list", "data": [self.card(name) for name in self.server.models]})

    def card(self, name):
        # The time of the answer, as vLLM tells it: the list is another each time.
        return {
            "id": name, "object": "model", "created": int(time.time()), "owned_by": "vllm", "root": name,
            "parent": None, "max_model_len": self.server.context, "permission": [],
        }  # fmt: skip

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.take(body)
        if not self.knows_key():
            return
        answers = {
            "/v1/chat/completions": self.chat,
            "/v1/completions": self.completions,
            "/v1/embeddings": self.embeddings,
        }
        if self.path not in answers:
            return self.whole({"detail": "Not Found"}, 404)
        asked = json.loads(body)
        if asked.get("model") not in self.server.models:
            return self.error(404, f"The model `{asked.get('model')}` does not exist.", "NotFoundError")
        most = asked.get("max_tokens") or asked.get("max_completion_tokens")
        if most and most > self.server.context - len(body) // 4:
            return self.error(400, "'max_tokens' is too large for the context", "BadRequestError")
        answers[self.path](asked)

    def take(self, body):
        self.server.requests.append((self.command, self.path, dict(self.headers), body))

    def knows_key(self):
        """vLLM guards all paths below /v1."""
        if self.server.key and self.headers["authorization"] != f"Bearer {self.server.key}":
            self.whole({"error": "Unauthorized"}, 401)
            return False
        return True

    def chat(self, asked):
        text = {"role": "assistant", "content": "".join(WORDS)}
        parts = [{"delta": {"role": "assistant", "content": ""}}] + [{"delta": {"content": word}} for word in WORDS]
        self.answer(asked, "chat.completion", {"message": text}, parts, {"delta": {}})

    def completions(self, asked):
        parts = [{"text": word} for word in WORDS]
        self.answer(asked, "text_completion", {"text": "".join(WORDS)}, parts, {"text": ""})

    def answer(self, asked, kind, whole, parts, last):
        head = {"id": "cmpl-1", "object": kind, "created": 1, "model": asked["model"]}
        usage = {"prompt_tokens": 7, "total_tokens": 11, "completion_tokens": 4}
        if not asked.get("stream"):
            choice = {"index": 0, **whole, "logprobs": None, "finish_reason": "stop", "stop_reason": None}
            return self.whole({**head, "choices": [choice], "usage": usage, "prompt_logprobs": None})
        if kind == "chat.completion":
            head["object"] = "chat.completion.chunk"
        events = [{**head, "choices": [{"index": 0, **part, "finish_reason": None}]} for part in parts]
        events.append({**head, "choices": [{"index": 0, **last, "finish_reason": "stop", "stop_reason": None}]})
        if (asked.get("stream_options") or {}).get("include_usage"):
            events.append({**head, "choices": [], "usage": usage})
        self.stream([json.dumps(event) for event in events] + ["[DONE]"])

    def embeddings(self, asked):
        texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
        vector = [0.25, -1.5]
        if asked.get("encoding_format") == "base64":
            vector = base64.b64encode(struct.pack("<2f", *vector)).decode()
        data = [{"index": index, "object": "embedding", "embedding": vector} for index in range(len(texts))]
        usage = {"prompt_tokens": 3, "total_tokens": 3, "completion_tokens": 0}
        self.whole({"id": "embd-1", "object": "list", "created": 1, "model": asked["model"], "data": data, "usage": usage})

    def error(self, status, message, kind):
        self.whole({"object": "error", "message": message, "type": kind, "param": None, "code": status}, status)

    def whole(self, value, status=200):
        data = json.dumps(value).encode()
        self.note(data)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, events):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        records = [f"data: {event}\n\n".encode() for event in events]
        self.note(b"".join(records))
        for record in records:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(record), record))
        self.wfile.write(b"0\r\n\r\n")

    def note(self, body):
        if self.command == "POST":
            self.server.sent.append(body)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", default="127.0.0.1:8000")
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("--context", type=int, default=8192)
    parser.add_argument("--key")
    given = parser.parse_args()
    host, _, port = given.listen.rpartition(":")
    with Compatible(*given.model, address=(host, int(port)), context=given.context, key=given.key):
        threading.Event().wait()


if __name__ == "__main__":
    main()
