#!/usr/bin/env python3
"""Providers outside, played by a program over TLS: OpenAI, Azure, Anthropic and Gemini, told apart by the path. It
writes down all that reaches it, one JSON object a line, so that a demonstration or a test can say what left and what
did not.

    cloud.py --listen 127.0.0.2:8443 --certificate cert.pem --key key.pem --record FILE

Without a certificate it speaks plain HTTP. With `--api-key` it refuses every other key, else it takes any. What it
answers the prompt asks for, and the model's name: `providers/script.py` says how.
"""

import argparse
import json
import socket
import ssl
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from providers import Cut, Exchange, Refused, skin


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

    def __init__(self, address, context, record, api_key=None):
        # Without a context there is no TLS.
        self.context, self.record, self.api_key = context, record, api_key
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, Handler)

    def process_request_thread(self, request, client_address):
        # The handshake belongs on the connection's own thread: a peer that says nothing holds up nobody else.
        self.record("connection", peer=client_address[0])
        try:
            request.settimeout(60)
            if self.context:
                request = self.context.wrap_socket(request, server_side=True)
        except (OSError, ssl.SSLError) as error:
            self.record("no handshake", error=str(error))
            request.close()
            return
        if self.context:
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
        self.answer("GET", b"")

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        self.server.record(
            "request", method="POST", path=self.path, headers=self.headers.items(), body=body, bytes=len(raw),
            text=raw.decode(errors="replace"), time_us=time.time_ns() // 1000,
        )  # fmt: skip
        self.answer("POST", raw)

    def answer(self, method, raw):
        api = skin(Exchange(method, self.path, self.headers.items(), raw), self.server.api_key)
        try:
            reply = api.reply()
        except Refused as refused:
            reply = api.refusal(refused)
        except Exception:
            # A request that no check here foresaw: it is to be seen, and not taken for a connection that broke.
            self.server.record("fault", error=traceback.format_exc())
            reply = api.refusal(Refused(500, "a fault of the simulation"))
        if reply.pieces is None:
            self.whole(reply)
        else:
            self.stream(reply)

    def whole(self, reply):
        data = json.dumps(reply.value).encode()
        self.head(reply, "application/json", [("Content-Length", str(len(data)))])
        if reply.is_cut:
            data = data[: len(data) // 2]
            self.close_connection = True
        self.wfile.write(data)

    def stream(self, reply):
        self.head(reply, reply.type, [("Transfer-Encoding", "chunked")])
        try:
            for piece in reply.pieces:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
        except Cut:
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def head(self, reply, kind, more):
        self.send_response(reply.status)
        self.send_header("Content-Type", kind)
        for name, text in [*reply.headers.items(), *more]:
            self.send_header(name, text)
        self.end_headers()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--listen", required=True)
    options.add_argument("--certificate")
    options.add_argument("--key")
    options.add_argument("--api-key")
    options.add_argument("--record", required=True)
    given = options.parse_args()
    host, _, port = given.listen.rpartition(":")
    context = None
    if given.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.certificate, given.key)
    record = Record(given.record)
    server = Server((host.strip("[]"), int(port)), context, record, given.api_key)
    record("listening", port=server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
