"""The alert rules and the dashboard of `deploy/monitoring`, without faults: `test_alerts.py` has those."""
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import Gatehouse, get, until

MONITORING = Path(__file__).resolve().parents[2] / "deploy" / "monitoring"
RULES = (MONITORING / "gatehouse.rules.yml").read_text()
RECORDED = re.findall(r"record: (\S+)", RULES)

needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="prometheus is not installed")


def dashboard():
    return json.loads((MONITORING / "grafana" / "gatehouse.json").read_text())


def panels():
    """Those that show something: rows of panels have no query."""
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def expressions():
    """What the dashboard asks, as Grafana would send it."""
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [text.replace("$__rate_interval", "1m").replace("$instance", ".*") for text in asked]


def names(text):
    """The series that a query or a rule asks for."""
    found = re.findall(r"\b(?:gatehouse|gen_ai)_[a-z_]+(?=[{\[) ]|$)", text, re.M)
    return set(found) - {"gen_ai_response_model", "gen_ai_token_type"}


def promtool(*arguments):
    command = ["promtool", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=MONITORING, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_promtool
def test_the_rules_hold_what_their_tests_say():
    assert "gatehouse.rules.yml" in promtool("check", "config", "prometheus.yml")
    assert "SUCCESS" in promtool("test", "rules", "gatehouse.rules.test.yml")


def test_every_alert_is_tested_as_firing():
    text = (MONITORING / "gatehouse.rules.test.yml").read_text()
    alerts = re.findall(r"alert: (\w+)", RULES)
    fires = set(re.findall(r"alertname: (\w+)\n\s+eval_time: \S+\n\s+exp_alerts:", text))
    assert len(alerts) > 20 and fires == set(alerts)


def test_rules_and_dashboard_ask_for_what_is_there(ollama):
    with Gatehouse({"gpu1": ollama.port}) as gatehouse:

        def looked():
            page = get(gatehouse.operations, "/metrics").body.decode()
            return page if "gatehouse_state_free_bytes " in page else None

        page = until(looked, what="a look at the disk")
    families = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.M))
    series = set()
    for family, kind in families.items():
        series |= {family + end for end in ("_bucket", "_sum", "_count")} if kind == "histogram" else {family}
    asked = names(RULES) | set().union(*map(names, expressions()))
    assert len(asked) > 40
    assert asked - series == set()
    # Nothing that is measured is left out of the picture.
    shown = set().union(*map(names, expressions()))
    unseen = {family for family in families if not any(name.startswith(family) for name in shown)}
    assert unseen == {"gatehouse_token_estimate_samples_total"}


@needs_promtool
def test_the_dashboard_asks_in_words_that_prometheus_reads(tmp_path):
    asked = expressions()
    assert len(asked) > 40
    rules = [{"record": "a:b", "expr": text, "labels": {"n": str(number)}} for number, text in enumerate(asked)]
    path = tmp_path / "dashboard.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    assert f"{len(asked)} rules found" in promtool("check", "rules", path)
    recorded = {name for text in asked for name in re.findall(r"\bgatehouse:[a-z0-9:]+", text)}
    assert recorded and recorded <= set(RECORDED)


def test_the_dashboard_has_a_place_for_everything():
    shown = dashboard()
    assert [variable["name"] for variable in shown["templating"]["list"]] == ["datasource", "instance"]
    identities = [panel["id"] for panel in shown["panels"]]
    assert len(set(identities)) == len(identities)
    taken = set()
    for panel in shown["panels"]:
        place = panel["gridPos"]
        columns = range(place["x"], place["x"] + place["w"])
        cells = {(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])}
        assert columns.stop <= 24 and not cells & taken, panel["title"]
        taken |= cells
    for panel in panels():
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
        assert all("$instance" in target["expr"] for target in panel["targets"]), panel["title"]
