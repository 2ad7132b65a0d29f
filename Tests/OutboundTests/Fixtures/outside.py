"""What stands outside in the tests of the door: a server behind TLS, or a proxy on the way to it.

    outside.py server CERTIFICATE KEY NEWEST_TLS_VERSION
    outside.py proxy PORT_OF_THE_SERVER STATUS

Prints the port, then one line of JSON for each connection when it has ended: what was said on it. Ends with its input.
"""
import json
import os
import socket
import ssl
import sys
import threading

said = threading.Lock()


def tell(value):
    with said:
        print(json.dumps(value), flush=True)


def read_head(connection, unread):
    while b"\r\n\r\n" not in unread:
        piece = connection.recv(65536)
        if not piece:
            return None, unread
        unread += piece
    head, _, rest = unread.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def serve(context, plain, number):
    record = {"connection": number, "heads": [], "bytes": 0, "error": None}
    try:
        plain.settimeout(60)
        with context.wrap_socket(plain, server_side=True) as connection:
            unread = b""
            while True:
                head, unread = read_head(connection, unread)
                record["bytes"] += len(unread)
                if head is None:
                    break
                record["heads"].append(head)
                lines = head.lower().split("\r\n")
                length = int(next((l.split(":")[1] for l in lines if l.startswith("content-length:")), "0"))
                while len(unread) < length:
                    piece = connection.recv(65536)
                    record["bytes"] += len(piece)
                    unread += piece
                unread = unread[length:]
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    except OSError as error:
        record["error"] = str(error)
    tell(record)


def pump(source, sink):
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def forward(port, status, client, number):
    head, rest = read_head(client, b"")
    tell({"connection": number, "heads": [head], "bytes": len(rest), "error": None})
    client.sendall(f"HTTP/1.1 {status} Told\r\nX-Of-The-Proxy: 1\r\n\r\n".encode())
    if status == "200":
        server = socket.create_connection(("127.0.0.1", port))
        other = threading.Thread(target=pump, args=(server, client), daemon=True)
        other.start()
        pump(client, server)
        other.join()
    client.close()


def main():
    kind, first, second = sys.argv[1:4]
    if kind == "server":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(first, second)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion[sys.argv[4]]
        handle = lambda *connection: serve(context, *connection)
    else:
        handle = lambda *connection: forward(int(first), second, *connection)
    listener = socket.create_server(("", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)

    def accept():
        number = 0
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=handle, args=(connection, number), daemon=True).start()
            number += 1

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


main()
