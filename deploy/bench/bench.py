"""Runs the scenarios of deploy/bench/run and prints their table. Ratios are taken inside a round, then the median over
the rounds, since the machine's other work moves both sides alike.

What translation costs is measured at a server with OpenAI's API: the same conversation of 4 KB as a chat request, which
passes, and as Anthropic's messages, which are translated there and back; whole answers, and streams.

A policy is in force in the Gatehouse that is measured, with rules that let something out, so that local requests are
classified and their conversations known; what is measured beside nginx never leaves. Departures and refusals are
measured by themselves: the provider outside is nginx, over TLS on a second loopback address."""
import argparse
import contextlib
import json
import os
import platform
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("gatehouse")
parser.add_argument("folder")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--json", help="write all figures there")
arguments = parser.parse_args()
folder = Path(arguments.folder).resolve()
gatehouse = str(Path(arguments.gatehouse).resolve())
load = str(folder / "load")

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from certificates import certificates  # noqa: E402

FAST, PACED, NGINX_FAST, NGINX_PACED, DATA, OPERATIONS, PROVIDER, BESIDE, BESIDE_PACED = range(21801, 21810)
OUTSIDE = "127.0.0.2"
# Gatehouse is bound to send one model to the upstream that answers at once, the other to the one that makes 50 tokens
# a second; nginx has a port for each.
FAST_MODEL, PACED_MODEL = "llama3.2:3b", "qwen2.5-coder:7b"
# Models that Gatehouse asks the same upstreams for in OpenAI's API, and a conversation of 4 KB for them. Since it knows
# an Ollama when it sees one, nginx stands before each and shows a list of models of its own.
COMPATIBLE = {BESIDE: (FAST, "llava:7b"), BESIDE_PACED: (PACED, "qwen3:8b")}
TALK = [{"role": ("user", "assistant")[n % 2], "content": "We spoke of \"this\" and that.\n" * 20} for n in range(4)]
SAID = [{"role": "user", "content": "say: " + "hello world " * 60}]

# The upstream and the load take one core, the proxy under test the other, so that they do not push each other about.
resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
CORES = sorted(os.sched_getaffinity(0))


def start(command, core):
    def pin():
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {core})

    log = open(folder / (Path(command[0]).name + "-" + str(command[1]).strip("-") + ".log"), "w")
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, preexec_fn=pin)


def wait_for(port):
    for _ in range(200):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    sys.exit(f"nothing listens on port {port}; the logs are in {folder}")


def children(pid):
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += children(int(child))
    return found


def cpu_seconds(pid):
    """User and system time of a process tree, in nanosecond steps."""
    total = 0
    for one in children(pid):
        for task in Path(f"/proc/{one}/task").iterdir():
            with contextlib.suppress(OSError):
                total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def memory_mib(pid):
    """Resident memory of a process tree without pages that are shared with others of it."""
    total = 0
    for one in children(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def run_load(*arguments, core=CORES[-1], first=False, path="/v1/chat/completions"):
    def go_first():
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))

    done = subprocess.run(
        ["taskset", "-c", str(core), load, "-p", path, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=go_first if first else None,
    )
    if done.returncode:
        sys.exit(f"load {arguments} failed: {done.stderr}")
    return json.loads(done.stdout)


def body(name, **fields):
    path = folder / f"{name}.json"
    path.write_text(json.dumps(fields))
    return path


POLICY = """schema: 1
revision: bench
defaults: {{sensitivity: internal}}
external:
  euai: {{jurisdiction: EU, prefixes: [{outside}/32], tls: {{ca: {ca}}}, models: [m-eu]}}
  usai: {{jurisdiction: US, prefixes: [{outside}/32], tls: {{ca: {ca}}}, models: [m-us]}}
sensitivity:
  by_tag:
    - {{project: website, is: public}}
    - {{project: "finance-*", is: confidential}}
    - {{feature: code-review, is: confidential}}
rules:
  - {{id: no-overload, effect: deny, hard: true, when: {{triggers: [local_saturated]}}}}
  - {{id: not-too-much, effect: deny, to: [usai], when: {{triggers: [context_overflow]}}}}
  - {{id: internal-to-eu, effect: allow, to: [euai], when: {{sensitivity_max: internal, triggers: [caller_requested, local_down]}}, limits: {{bytes: 65536}}}}
  - {{id: public-to-us, effect: allow, to: [usai], when: {{sensitivity_max: public, triggers: [caller_requested]}}, limits: {{bytes: 65536}}}}
"""


def beside(port):
    upstream, model = COMPATIBLE[port]
    models = {"object": "list", "data": [{"id": model, "object": "model", "created": 1, "owned_by": "beside"}]}
    return f"""
  upstream to{port} {{ server 127.0.0.1:{upstream}; keepalive 2048; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096; default_type application/json;
    location = /v1/models {{ return 200 '{json.dumps(models)}'; }}
    location / {{ proxy_pass http://to{port}; }}
  }}
"""


def configure():
    # A file of its own, so that no page of the proxy's program counts as shared with its upstream.
    shutil.copy(gatehouse, folder / "upstream")
    (folder / "nginx.conf").write_text(
        f"""
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
worker_rlimit_nofile 65536;
events {{ worker_connections 30000; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  keepalive_requests 100000000; keepalive_timeout 300s; client_body_buffer_size 1m;
  proxy_http_version 1.1; proxy_buffering off; proxy_set_header Connection ""; proxy_set_header Host 127.0.0.1;
  upstream fast {{ server 127.0.0.1:{FAST}; keepalive 2048; keepalive_requests 100000000; }}
  upstream paced {{ server 127.0.0.1:{PACED}; keepalive 2048; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{NGINX_FAST} backlog=4096; location / {{ proxy_pass http://fast; }} }}
  server {{ listen 127.0.0.1:{NGINX_PACED} backlog=4096; location / {{ proxy_pass http://paced; }} }}
}}
"""
    )
    ca, certificate, key = certificates(folder / "certificates", f"IP:{OUTSIDE}")
    answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m-eu"}
    answer["choices"] = [{"index": 0, "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}]
    answer["usage"] = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
    (folder / "provider.conf").write_text(
        f"""
worker_processes 1; daemon off; pid {folder}/provider.pid; error_log {folder}/provider-error.log;
worker_rlimit_nofile 65536;
events {{ worker_connections 30000; }}
http {{
  access_log off; client_body_temp_path {folder}/provider-body; keepalive_requests 100000000; keepalive_timeout 300s;
  proxy_temp_path {folder}/provider-proxy; proxy_http_version 1.1; proxy_buffering off; proxy_set_header Connection ""; proxy_set_header Host 127.0.0.1;
  {"".join(map(beside, COMPATIBLE))}
  server {{
    listen {OUTSIDE}:{PROVIDER} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};
    location / {{ default_type application/json; return 200 '{json.dumps(answer)}'; }}
  }}
}}
"""
    )
    (folder / "policy.yaml").write_text(POLICY.format(outside=OUTSIDE, ca=ca))
    (folder / "models.manifest").write_text(
        f"""schema: 1
models:
  {FAST_MODEL}: {{backends: [fast]}}
  {PACED_MODEL}: {{backends: [paced]}}
  {COMPATIBLE[BESIDE][1]}: {{backends: [beside]}}
  {COMPATIBLE[BESIDE_PACED][1]}: {{backends: [beside-paced]}}
external:
  m-eu: {{backend: euai}}
  m-us: {{backend: usai}}
"""
    )
    (folder / "gatehouse.yaml").write_text(
        f"""schema: 1
state: {folder}/state
listeners: {{data: ["127.0.0.1:{DATA}"], operations: ["127.0.0.1:{OPERATIONS}"]}}
logging: {{requests: false}}  # nginx writes no access log either
backends:
  fast: {{url: "http://127.0.0.1:{FAST}", zone: loopback, slots: 4096}}
  paced: {{url: "http://127.0.0.1:{PACED}", zone: loopback, slots: 4096}}
  beside: {{kind: openai, url: "http://127.0.0.1:{BESIDE}", zone: loopback, slots: 4096}}
  beside-paced: {{kind: openai, url: "http://127.0.0.1:{BESIDE_PACED}", zone: loopback, slots: 4096}}
  euai: {{kind: openai, url: "https://{OUTSIDE}:{PROVIDER}", zone: external, jurisdiction: EU, slots: 64}}
  usai: {{kind: openai, url: "https://{OUTSIDE}:{PROVIDER}", zone: external, jurisdiction: US, slots: 64}}
"""
    )


class Proxy:
    def __init__(self, name, command, fast, paced):
        self.name, self.fast, self.paced = name, fast, paced
        self.process = start(command, CORES[0])
        wait_for(fast)
        self.pid = self.process.pid

    def measure(self, kind, *arguments, **more):
        port = self.paced if kind == "streams" else self.fast
        before = cpu_seconds(self.pid)
        result = run_load(kind, port, *arguments, **more)
        result["cpu"] = cpu_seconds(self.pid) - before
        return result


def health_under_load(proxy, small):
    """Asks for health while the data plane gets as many requests as it answers. Who asks goes before the load on their
    core, where the system allows it: what counts is the answer, not the wait for a turn to ask."""
    command = ["taskset", "-c", str(CORES[-1]), load, "requests", str(proxy.fast), "256", "7", str(small)]
    loader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    before, begun = cpu_seconds(proxy.pid), time.monotonic()
    health = run_load("get", OPERATIONS, 200, 5, "/readyz", first=True)
    health["cpu"] = (cpu_seconds(proxy.pid) - before) / (time.monotonic() - begun)
    done = json.loads(loader.communicate(timeout=60)[0])
    health["load"] = done["requests"] / done["seconds"]
    return health


def audit_figures():
    """What `/metrics` says of the audit chain: buckets of waits by their upper bound, and single figures by name."""
    with urllib.request.urlopen(f"http://127.0.0.1:{OPERATIONS}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    samples = dict(line.rsplit(" ", 1) for line in lines if line.startswith("gatehouse_audit_"))
    bucket = 'gatehouse_audit_wait_seconds_bucket{le="'
    waits = {float(name[len(bucket) : -2]): int(count) for name, count in samples.items() if name.startswith(bucket)}
    return waits, {name.removeprefix("gatehouse_audit_"): float(value) for name, value in samples.items()}


def quantile(before, after, q):
    """The upper bound of the bucket in which the quantile of the waits between two looks lies."""
    whole = after[float("inf")] - before[float("inf")]
    return next(bound for bound in sorted(after) if after[bound] - before[bound] >= q * whole)


def gate(proxy, name, *arguments):
    """Requests that the policy decides on, with what the audit chain has of them."""
    waits, before = audit_figures()
    result = proxy.measure(*arguments)
    time.sleep(0.5)  # The last records.
    later, after = audit_figures()
    result["records"] = after["last_record"] - before["last_record"]
    result["lost"] = after["records_lost_total"] - before["records_lost_total"]
    result["refused"] = after["intents_refused_total"] - before["intents_refused_total"]
    if later[float("inf")] > waits[float("inf")]:
        result["wait_p50"], result["wait_p99"] = (quantile(waits, later, q) for q in (0.5, 0.99))
    if result["errors"]:
        sys.exit(f"{name}: {result['errors']} answers were not as expected: {result}")
    return result


def translated(proxy):
    """CPU in microseconds of a request and of a streamed chunk, each passed and translated: medians, and the median of
    what translation adds within a round."""
    ways = {"passed": ("/v1/chat/completions", {}), "translated": ("/v1/messages", {"max_tokens": 1000})}
    counted = [{"role": "user", "content": "count to 250"}]
    costs = {"requests": {name: [] for name in ways}, "chunks": {name: [] for name in ways}}
    for turn in range(arguments.rounds):
        for name in ways if turn % 2 == 0 else reversed(ways):
            path, more = ways[name]
            whole = body(f"beside-{name}", model=COMPATIBLE[BESIDE][1], messages=TALK + SAID, **more)
            stream = body(f"beside-{name}-stream", model=COMPATIBLE[BESIDE_PACED][1], messages=counted, stream=True, **more)
            for per, run in (
                ("requests", proxy.measure("requests", 32, 4, whole, path=path)),
                ("chunks", proxy.measure("streams", 200, stream, path=path)),
            ):
                failed = run["streams"] - run["complete"] if per == "chunks" else run["errors"]
                if failed:
                    sys.exit(f"{name}: {failed} answers were not as expected: {run}")
                costs[per][name].append(run["cpu"] / run[per] * 1e6)
    return {per: {**{name: statistics.median(runs) for name, runs in found.items()}, "added": statistics.median(
        b - a for a, b in zip(found["passed"], found["translated"]))} for per, found in costs.items()}


def simulate(port, tokens_per_second):
    command = [str(folder / "upstream"), "simulate", "--listen", f"127.0.0.1:{port}", "--slots", "4096"]
    return start([*command, "--tokens-per-second", str(tokens_per_second)], CORES[-1])


def main():
    configure()
    small = body("small", model=FAST_MODEL, messages=SAID)
    paced = body("paced", model=PACED_MODEL, stream=True, messages=[{"role": "user", "content": "count to 250"}])
    inside, leaves = body("inside", model="m-us", messages=SAID), body("leaves", model="m-eu", messages=SAID)
    processes = []
    figures = {"nginx": [], "gatehouse": []}
    try:
        processes += [simulate(FAST, 0), simulate(PACED, 50)]
        processes.append(start(["nginx", "-c", str(folder / "provider.conf")], CORES[-1]))
        wait_for(FAST)
        wait_for(PACED)
        proxies = [
            Proxy("nginx", ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], NGINX_FAST, NGINX_PACED),
            Proxy("gatehouse", [gatehouse, "serve", "--config", str(folder / "gatehouse.yaml")], DATA, DATA),
        ]
        processes += [proxy.process for proxy in proxies]
        time.sleep(2)
        idle = {proxy.name: memory_mib(proxy.pid) for proxy in proxies}
        for turn in range(arguments.rounds):
            for proxy in proxies if turn % 2 == 0 else reversed(proxies):
                figures[proxy.name].append(
                    {
                        "requests": proxy.measure("requests", 32, 4, small),
                        "rate": proxy.measure("rate", 200, 5, small),
                        "streams": proxy.measure("streams", 200, paced),
                    }
                )
        direct = run_load("rate", FAST, 200, 5, small)
        health = health_under_load(proxies[1], small)
        translation = translated(proxies[1])
        decisions = {
            "refusals": gate(proxies[1], "refusals", "rate", 2000, 5, inside, 403),
            "departures": gate(proxies[1], "departures", "rate", 500, 5, leaves),
            "departures, at most": gate(proxies[1], "departures, at most", "requests", 32, 5, leaves),
        }
        thousand, memory_streams, memory_idle = {}, {}, {}
        for proxy in proxies:
            command = ["taskset", "-c", str(CORES[-1]), load, "streams", str(proxy.paced), "1000", str(paced)]
            loader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            time.sleep(4)
            memory_streams[proxy.name] = memory_mib(proxy.pid)
            thousand[proxy.name] = json.loads(loader.communicate(timeout=200)[0])
        for proxy in proxies:
            loader = subprocess.Popen([load, "idle", str(proxy.fast), "9900", "6"], stdout=subprocess.PIPE, text=True)
            loader.stdout.readline()
            time.sleep(1)
            memory_idle[proxy.name] = memory_mib(proxy.pid)
            loader.wait(30)
        report(figures, direct, health, translation, decisions, idle, thousand, memory_streams, memory_idle)
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()


def ratio(figures, key, per):
    ours = [f[key]["cpu"] / f[key][per] * 1e6 for f in figures["gatehouse"]]
    theirs = [f[key]["cpu"] / f[key][per] * 1e6 for f in figures["nginx"]]
    return statistics.median(theirs), statistics.median(ours), statistics.median(o / t for o, t in zip(ours, theirs))


def report(figures, direct, health, translation, decisions, idle, thousand, memory_streams, memory_idle):
    request = ratio(figures, "requests", "requests")
    chunk = ratio(figures, "streams", "chunks")

    def latency(name, p):
        return statistics.median(f["rate"][p] for f in figures[name])

    cpu = next((l.split(":")[1].strip() for l in Path("/proc/cpuinfo").read_text().splitlines() if l.startswith("model name")), "unknown")
    print(f"{platform.node()}: {len(CORES)} cores, {cpu}, Linux {platform.release()}; {arguments.rounds} rounds\n")
    print("| what | nginx | gatehouse | ratio or added | at most |")
    print("|---|---|---|---|---|")
    print(f"| CPU per request, 1 KB in and out | {request[0]:.1f} us | {request[1]:.1f} us | {request[2]:.2f} x | 3.0 x |")
    print(f"| CPU per streamed chunk, 200 streams | {chunk[0]:.1f} us | {chunk[1]:.1f} us | {chunk[2]:.2f} x | 1.3 x |")
    for p, most in (("p50", 150), ("p99", 500)):
        added = latency("gatehouse", p) - direct[p]
        print(f"| latency at 200 requests/s, {p} | {latency('nginx', p):.0f} us | {latency('gatehouse', p):.0f} us | {added:.0f} us added to {direct[p]:.0f} us direct | {most} us |")
    print(f"| health p99 at {health['load']:,.0f} requests/s, {health['cpu']:.0%} of a core | | {health['p99']:.0f} us | {health['errors']} errors | 5,000 us |")
    for per, what, most in (("requests", "request, 4 KB in, 1 KB out", 25), ("chunks", "streamed chunk, 200 streams", 4)):
        cost = translation[per]
        told = f"{cost['passed']:.1f} us passed | {cost['translated']:.1f} us translated | {cost['added']:.1f} us added"
        print(f"| CPU per {what}, Anthropic's to OpenAI's | {told} | {most} us |")
    for name, run in decisions.items():
        rate, busy = run["requests"] / run["seconds"], run["cpu"] / run["seconds"]
        cpu = f"{run['cpu'] / run['requests'] * 1e6:.0f} us of CPU, p99 {run['p99'] / 1e3:.1f} ms"
        waits, most = "", "2,000 a second held"
        if "wait_p99" in run:
            waits = f"audit wait p50 under {run['wait_p50'] * 1e3:g} ms, p99 under {run['wait_p99'] * 1e3:g} ms"
            most = "p99 5 ms" if name == "departures" else ""
        what = f"{name}: {rate:,.0f} a second, {busy:.0%} of a core, {run['records']:,.0f} records, {run['lost']:.0f} lost"
        print(f"| {what} | | {cpu} | {waits} | {most} |")
    print(f"| memory idle | {idle['nginx']:.1f} MiB | {idle['gatehouse']:.1f} MiB | | 40 MB |")
    print(f"| memory, 1,000 streams | {memory_streams['nginx']:.1f} MiB | {memory_streams['gatehouse']:.1f} MiB | | 100 MB |")
    print(f"| memory, 9,900 idle connections | {memory_idle['nginx']:.1f} MiB | {memory_idle['gatehouse']:.1f} MiB | | 200 MB |")
    for name, run in thousand.items():
        print(f"\n1,000 streams at 50 tokens/s through {name}: {run['complete']} complete, {run['chunks']} chunks, longest gap {run['gap_max_ms']:.0f} ms, {run['gaps_over_250_ms']} gaps over 250 ms")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps({"figures": figures, "direct": direct, "health": health, "translation": translation, "decisions": decisions, "idle": idle, "thousand": thousand}, indent=1))


main()
