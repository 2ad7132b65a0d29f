"""Restarts one of two nodes behind HAProxy again and again under load, and fails if a request does: deploy/rolling."""
import argparse

from balance import Farm, HAProxy, Load
from harness import until


def play(restarts, rate):
    """How many requests were answered, by node. HAProxy has its example's file, the nodes the usual `drain.delay`, and room
    for what arrives while this machine is busy with something else."""
    drain, limits = {"delay": "10s", "timeout": "120s"}, {"queue_per_model": 10_000}
    with Farm(drain=drain, limits=limits) as farm, HAProxy(farm) as balancer:
        with Load(balancer.address, farm.key, rate) as load:
            until(lambda: len(load.answered) == 2, what="an answer of each node")
            for number in range(1, restarts + 1):
                seconds = farm.nodes[0].restart()
                until(balancer.has_both, seconds=30, what="the node in the rotation again")
                before = load.answered["local:gpu1"]
                until(lambda: load.answered["local:gpu1"] >= before + rate, what="its share of the load")
                answered, failed = sum(load.answered.values()), len(load.failures)
                print(f"restart {number}: stopped in {seconds:.1f} s; {answered} answered, {failed} failed", flush=True)
        assert not load.failures, "\n".join(load.failures[:20])
        return dict(load.answered), load.late


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("restarts", type=int, nargs="?", default=10)
    parser.add_argument("--rate", type=float, default=200, help="requests per second, half of them streams")
    given = parser.parse_args()
    answered, late = play(given.restarts, given.rate)
    print(f"0 failed of {sum(answered.values())} requests, {answered}; the load was {late * 1000:.0f} ms late at most")
