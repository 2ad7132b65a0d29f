"""`kill -9` at random moments under mixed traffic: what was promised is there afterwards. The long form is
`deploy/soak --kills`."""
import os
import random

import pytest

from harness import until
from kills import play
from stage import Stage

SEED = int(os.environ.get("GATEHOUSE_SEED") or random.randrange(1 << 32))


def test_what_was_promised_outlives_eight_kills():
    print(f"GATEHOUSE_SEED={SEED}")
    figures = play(8, SEED)
    print(figures)
    assert figures["answers"]["all"] > 100 and figures["seen outside"] > 20


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_was_promised_outlives_fifty_kills():
    print(f"GATEHOUSE_SEED={SEED}")
    figures = play(50, SEED)
    print(figures)
    assert figures["answers"]["all"] > 1000 and figures["seen outside"] > 200


def test_a_limit_of_the_day_outlives_a_kill():
    with Stage(per_day=5) as stage:

        def again():
            stage.kill()
            stage.node.start()
            stage.node.ready()

        def answered():
            answer = stage.ask("say: x")
            assert answer.status in (200, 503), answer.body
            return answer.status == 200

        for number in range(1, 6):
            until(answered, what=f"answer {number} from outside")
            if number in (2, 4):
                again()
        answer = stage.ask("say: x")
        assert answer.status == 403 and answer.json["error"]["code"] == "limit_rate"
        again()
        until(lambda: stage.ask("say: x").status == 403, what="the limit after another kill")
        assert len(stage.cloud.requests) == 5
