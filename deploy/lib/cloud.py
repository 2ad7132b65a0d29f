#!/usr/bin/env python3
"""A provider outside, played by a program: OpenAI's chat, completions and embeddings over TLS. It writes down all that
reaches it, one JSON object a line, so that a demonstration or a test can say what left and what did not.

    cloud.py --listen 127.0.0.2:8443 --certificate cert.pem --key key.pem --record FILE

The model that is asked for decides what happens: `busy` 429, `keyless` 401 that repeats the key, `broken` 500, `cut` a
stream without its end, `slow` a stream that never begins; any other is answered.
"""
import argparse
import json
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = ["An ", "answer ", "from ", "outside."]


class Record:
    def __init__(self, path):
        self.file = open(path, "a", buffering=1)
        self.lock = threading.Lock()

    def __call__(self, event, **more):
        with self.lock:
            self.file.write(json.dumps({"event": event, **more}) + "\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, context, record):
        self.context = context
        self.record = record
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, Handler)

    def process_request_thread(self, request, client_address):
        # The handshake belongs on the connection's own thread: a peer that says nothing holds up nobody else.
        self.record("connection", peer=client_address[0])
        try:
            request.settimeout(60)
            request = self.context.wrap_socket(request, server_side=True)
        except (OSError, ssl.SSLError) as error:
            self.record("no handshake", error=str(error))
            request.close()
            return
        self.record("handshake", version=request.version())
        super().process_request_thread(request, client_address)
        self.record("closed", peer=client_address[0])

    def handle_error(self, request, client_address):
        self.record("connection lost")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "cloud"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.record("request", method="GET", path=self.path, headers=self.headers.items(), body=None)
        self.json(404, {"error": {"message": "not found", "type": "invalid_request_error"}})

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        body = json.loads(raw)
        self.server.record(
            "request", method="POST", path=self.path, headers=self.headers.items(), body=body, bytes=len(raw),
            text=raw.decode(), time_us=time.time_ns() // 1000,
        )  # fmt: skip
        model = body.get("model", "")
        errors = {"busy": 429, "keyless": 401, "broken": 500}
        if model in errors:
            more = [("Retry-After", "7")] if model == "busy" else []
            said = self.headers["authorization"] if model == "keyless" else model
            return self.json(errors[model], {"error": {"message": said, "type": "server_error", "code": model}}, more)
        if self.path.endswith("/embeddings"):
            inputs = body["input"] if isinstance(body["input"], list) else [body["input"]]
            data = [{"object": "embedding", "index": i, "embedding": [0.6, 0.8]} for i in range(len(inputs))]
            usage = {"prompt_tokens": 4, "total_tokens": 4}
            return self.json(200, {"object": "list", "data": data, "model": model, "usage": usage})
        if body.get("stream"):
            return self.stream(body, model)
        usage = {"prompt_tokens": 9, "completion_tokens": len(WORDS), "total_tokens": 9 + len(WORDS)}
        answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model, "usage": usage}
        message = {"role": "assistant", "content": "".join(WORDS)}
        answer["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
        self.json(200, answer)

    def stream(self, body, model):
        if model == "slow":
            time.sleep(3600)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}
        deltas = [{"role": "assistant", "content": ""}] + [{"content": word} for word in WORDS]
        for delta in deltas:
            self.event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        if model == "cut":
            self.close_connection = True
            return
        self.event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if body.get("stream_options", {}).get("include_usage"):
            usage = {"prompt_tokens": 9, "completion_tokens": len(WORDS), "total_tokens": 9 + len(WORDS)}
            self.event({**head, "choices": [], "usage": usage})
        self.piece(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def event(self, value):
        self.piece(b"data: " + json.dumps(value).encode() + b"\n\n")

    def piece(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def json(self, status, value, headers=()):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--listen", required=True)
    options.add_argument("--certificate", required=True)
    options.add_argument("--key", required=True)
    options.add_argument("--record", required=True)
    given = options.parse_args()
    host, _, port = given.listen.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given.certificate, given.key)
    record = Record(given.record)
    server = Server((host.strip("[]"), int(port)), context, record)
    record("listening", port=server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
