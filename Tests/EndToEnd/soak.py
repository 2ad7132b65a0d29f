"""The long form of the soak: deploy/soak. Prints a line every half minute and fails if memory or descriptors grow."""
import json
import random
import socket
import sys
import threading
import time

from harness import Gatehouse, Simulated, descriptors, get, post, rss, until

MODEL = "llama3.2:3b"


def talk(port, generator):
    """One connection of one client: mostly streams, some of them left in the middle, some nonsense."""
    kind = generator.random()
    if kind < 0.05:
        post(port, "/v1/chat/completions", '{"model": "nope"}' if kind < 0.025 else "{broken")
        return
    if kind < 0.15:
        post(port, "/api/generate", {"model": MODEL, "prompt": "say: a whole answer", "stream": False})
        return
    body = json.dumps(
        {"model": MODEL, "messages": [{"role": "user", "content": "count to 40"}], "stream": True}
    ).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
        leaves_after = generator.randrange(1, 60) if generator.random() < 0.4 else None
        reads = 0
        while connection.recv(2048):
            reads += 1
            if reads == leaves_after:
                return


def main(minutes):
    end = time.monotonic() + minutes * 60
    with Simulated("--tokens-per-second", "100", "--slots", "64") as upstream:
        backend = {"url": f"http://127.0.0.1:{upstream.port}", "slots": 64}
        with Gatehouse({"gpu1": backend}) as server:
            counts = [0] * 32

            def client(number):
                generator = random.Random(number)
                while time.monotonic() < end:
                    talk(server.port, generator)
                    counts[number] += 1

            threads = [threading.Thread(target=client, args=(number,)) for number in range(32)]
            for thread in threads:
                thread.start()
            # The first minute (a tenth of a short run) fills pools and caches; growth counts from there.
            time.sleep(min(60, minutes * 6))
            start = rss(server.pid)
            worst = start
            while time.monotonic() < end:
                time.sleep(min(30, max(0.1, end - time.monotonic())))
                server.command("reload")
                now = rss(server.pid)
                worst = max(worst, now)
                print(f"{sum(counts)} conversations, {now >> 20} MiB, {descriptors(server.pid)} descriptors", flush=True)
            for thread in threads:
                thread.join()
            until(lambda: json.loads(server.command("status", "--json").stdout)["requestsInFlight"] == 0, what="idleness")
            assert get(server.operations, "/readyz").status == 200
            metrics = get(server.operations, "/metrics").body.decode()
            open_transfers = next(l for l in metrics.splitlines() if l.startswith("gatehouse_outbound_transfers "))
            assert open_transfers.endswith(" 0"), open_transfers
            growth = worst - start
            left = descriptors(server.pid)
            print(f"{sum(counts)} conversations; memory grew by {growth >> 20} MiB at most, {left} descriptors are open")
            assert growth < 16 << 20, "memory grows"
            assert left < 200, "descriptors leak"


if __name__ == "__main__":
    main(float(sys.argv[1]))
