"""Names for one process: files under /etc of its own, and a name server that remembers what it was asked."""

import contextlib
import os
import socket
import subprocess
import threading

import pytest


class Resolver:
    """Files of a process's own for its resolver. What is written later counts too. Needs root."""

    def __init__(self, folder):
        if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"]).returncode:
            pytest.skip("needs root, to give one process a resolver of its own")
        self.folder = folder
        self.write("")
        mounts = " && ".join(f"mount --bind {folder / name} /etc/{name}" for name in self.files("", None))
        # A command that runs another one with these files.
        self.through = ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh"]

    @staticmethod
    def files(hosts, search):
        server = f"nameserver {NameServer.ADDRESS}\n" + (f"search {search}\n" if search else "")
        return {"resolv.conf": server, "hosts": hosts, "nsswitch.conf": "hosts: files dns\n"}

    def write(self, hosts, search=None):
        """Into the files that are mounted, and not in their place."""
        for name, text in self.files(hosts, search).items():
            (self.folder / name).write_text(text)


class NameServer:
    """Has addresses for each of `names`, says of every other name that it is not there, and remembers what it was
    asked."""

    ADDRESS = "127.0.28.53"

    def __init__(self, names):
        self.names, self.asked = names, set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.ADDRESS, 53))
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        with contextlib.suppress(OSError):
            while True:
                data, peer = self.socket.recvfrom(4096)
                if not data:
                    return
                self._answer(data, peer)

    def _answer(self, data, peer):
        """RFC 1035 section 4: a head of twelve bytes, labels with their lengths, type and class."""
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        name = ".".join(labels)
        found = self.names.get(name, []) if data[at + 1 : at + 3] == b"\0\1" else []
        self.asked.add(name)
        flags = b"\x85\x80" if name in self.names else b"\x85\x83"
        head = data[:2] + flags + bytes([0, 1, 0, len(found), 0, 0, 0, 0])
        # A pointer to the name in the question, type A, class IN, no time to live, four bytes.
        addresses = [b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(one) for one in found]
        self.socket.sendto(head + data[12 : at + 5] + b"".join(addresses), peer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # This ends the thread's wait, though Linux says that nothing is connected; close alone would not free the port.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()
