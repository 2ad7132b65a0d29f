"""The audit chain: what is in it, that it survives a kill, and that two verifiers name what was changed."""
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from harness import BINARY, COMMAND_ENVIRONMENT, NDJSON_HEAD, Gatehouse, RawUpstream, answers, chunk, get, post, until

MODEL = "llama3.2:3b"
VERIFIER = Path(__file__).resolve().parents[2] / "deploy" / "audit-verify.py"
VECTORS = Path(__file__).resolve().parents[1] / "ResidencyTests" / "Fixtures" / "audit-chain.jsonl"


def chat(port, model=MODEL, path="/v1/chat/completions"):
    return post(port, path, {"model": model, "messages": [{"role": "user", "content": "say: hi"}]})


def independent(*arguments):
    done = subprocess.run([sys.executable, VERIFIER, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def audit(server, *arguments, check=True):
    return server.command("audit", *arguments, check=check)


def verified(server, *arguments):
    done = audit(server, "verify", "--json", *arguments, check=False)
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["whole"] else 1)
    return report


def shown(server, *arguments):
    records = json.loads(audit(server, "show", "--json", *arguments).stdout)
    return [(r["kind"], json.loads(r["body"])) for r in records]


def tamper(path, sql):
    """As somebody would who owns the file."""
    with sqlite3.connect(path) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(sql)
    database.close()


@pytest.fixture(scope="module")
def stopped(ollama):
    """A node that has served, refused and stopped."""
    with Gatehouse({"gpu1": ollama.port}) as server:
        for _ in range(3):
            assert chat(server.port).status == 200
        for _ in range(5):
            assert chat(server.port, model="x:cloud").status == 403
        assert server.stop() == 0
        yield server


@pytest.fixture
def copy(stopped, tmp_path):
    """A copy of its files, to be spoilt."""
    for file in (stopped.folder / "state").glob("*.sqlite*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def verify_both(folder, *arguments):
    """The findings of both verifiers for a folder's files."""
    done = subprocess.run(
        [BINARY, "audit", "verify", "--json", "--file", folder / "audit.sqlite", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **COMMAND_ENVIRONMENT},
    )
    report = json.loads(done.stdout)
    code, text = independent(folder / "audit.sqlite", "--usage", folder / "usage.sqlite", *arguments)
    assert code == done.returncode
    return report, text


def test_the_vectors_hold_for_the_independent_verifier():
    assert independent(VECTORS)[0] == 0
    assert len(VERIFIER.read_text().splitlines()) < 100


def test_a_chain_tells_what_was_refused_and_counts_the_rest(stopped):
    report = verified(stopped)
    assert report["whole"] and report["usage"] == {"agree": 1, "differ": [], "gone": 0}
    kinds = [kind for kind, _ in shown(stopped)]
    assert kinds[0] == "genesis" and kinds[-1] == "stop" and kinds.count("decision") == 5
    (local,) = [body for kind, body in shown(stopped, "--kind", "local")]
    assert (local["requests"], local["served_locally"]) == (8, 3)
    assert "remote_model" in audit(stopped, "show", "--kind", "decision", "--last", "1").stdout


def test_a_refusal_is_found_by_its_request_id_while_the_node_runs(ollama):
    with Gatehouse({"gpu1": ollama.port}) as server:
        chat(server.port, model="x:cloud")
        identity = post(server.port, "/api/pull", {"model": "x"}).headers["x-gatehouse-request-id"]
        until(lambda: shown(server, "--request", identity), what="the record")
        ((kind, body),) = shown(server, "--request", identity)
        assert (kind, body["reason"], body["decision"]) == ("decision", "path_forbidden", "deny")
        page = audit(server, "show", identity).stdout
        assert "decision" in page and "\n  reason       path_forbidden\n" in page
        assert shown(server, "--request", identity, "--until", "2020-01-01") == []
        assert verified(server)["whole"]


def test_an_export_is_verified_without_gatehouse(stopped, tmp_path):
    export = tmp_path / "chain.jsonl"
    export.write_text(audit(stopped, "export").stdout)
    checkpoint = verified(stopped)["checkpoint"]
    code, text = independent(export, "--checkpoint", checkpoint)
    assert code == 0 and checkpoint in text
    lines = export.read_text().splitlines()
    assert audit(stopped, "export", "--from", "2", "--to", "3").stdout.splitlines() == lines[1:3]
    part = verified(stopped, "--from", "2", "--to", "3")
    assert (part["records"], part["checkpoint"].split(":")[0]) == (2, "3")
    assert audit(stopped, "verify", "--from", "999", check=False).returncode == 1
    export.write_text("\n".join(lines[:-1]) + "\n")
    assert independent(export)[0] == 0, "an end that is cut off shows by a checkpoint only"
    assert independent(export, "--checkpoint", checkpoint) == (1, f"broken: record {len(lines)}: cut_off\n")


@pytest.mark.parametrize(
    "sql,sequence,code",
    [
        ("UPDATE audit SET body = replace(body, 'deny', 'local') WHERE seq = 4", 4, "body"),
        ("UPDATE audit SET body = CAST(replace(body, 'deny', 'local') AS BLOB) WHERE seq = 3", 3, "body"),
        ("UPDATE audit SET time = time + 1000000 WHERE seq = 4", 4, "hash"),
        ("UPDATE audit SET kind = 'stop' WHERE seq = 4", 4, "hash"),
        ("DELETE FROM audit WHERE seq = 4", 4, "gap"),
        ("UPDATE audit SET previous = zeroblob(32) WHERE seq = 4", 4, "previous"),
        ("UPDATE audit SET hash = x'00' WHERE seq = 4", 4, "malformed"),
        ("DELETE FROM audit", 1, "empty"),
    ],
)
def test_both_verifiers_name_the_first_record_that_was_changed(copy, sql, sequence, code):
    tamper(copy / "audit.sqlite", sql)
    report, text = verify_both(copy)
    assert (report["fault"]["seq"], report["fault"]["code"]) == (sequence, code)
    assert text.endswith(f"broken: record {sequence}: {code}\n")


def test_both_verifiers_see_a_usage_row_that_was_changed(copy):
    assert verify_both(copy)[1].endswith("usage: 1 agree, 0 differ, 0 gone\n")
    tamper(copy / "usage.sqlite", "UPDATE usage SET output_tokens = output_tokens + 1 WHERE id = 2")
    report, text = verify_both(copy)
    assert not report["whole"] and len(report["usage"]["differ"]) == 1 and "1 differ" in text
    tamper(copy / "usage.sqlite", "DELETE FROM usage WHERE id = 2")
    report, text = verify_both(copy)
    assert report["usage"]["gone"] == 1 and "1 gone" in text


def forge(path, *events):
    """Appends records as somebody would who knows the layout: SHA-256 needs no secret."""
    with sqlite3.connect(path) as database:
        for kind, body in events:
            seq, time, previous = database.execute(
                "SELECT seq, time, hash FROM audit ORDER BY seq DESC LIMIT 1"
            ).fetchone()
            text = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
            numbers = (seq + 1).to_bytes(8, "big") + time.to_bytes(8, "big")
            digest = hashlib.sha256(text).digest()
            own = hashlib.sha256(b"gatehouse-audit-v1" + numbers + kind.encode() + previous + digest).digest()
            database.execute(
                "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (seq + 1, time, kind, text, digest, previous, own)
            )
    database.close()


def test_both_verifiers_see_outcomes_that_are_missing_doubled_or_forged(copy):
    def send(kind, number, attempt=1):
        return kind, {"request_id": f"01a20cab-81c6-7b3f-8d96-c84d9c6ada5{number}", "attempt": attempt}

    head = verify_both(copy)[0]["records"]
    forge(copy / "audit.sqlite", send("intent", 0), send("intent", 1), send("outcome", 1), send("intent", 1, 2))
    report, text = verify_both(copy)
    assert report["whole"] and "broken" not in text, "an intent without outcome behind the last start is open"
    assert report["departures"] == {"intents": 3, "outcomes": 1, "open": 2, "faults": [], "faultCount": 0}
    forge(copy / "audit.sqlite", send("outcome", 1), send("outcome", 2), ("start", {}), send("intent", 1))
    report, text = verify_both(copy)
    assert "fault" not in report and not report["whole"]
    words = ["outcome_twice", "outcome_without_intent", "outcome_missing", "outcome_missing", "intent_twice"]
    places = [head + 5, head + 6, head + 1, head + 4, head + 8]
    assert [(fault["seq"], fault["code"]) for fault in report["departures"]["faults"]] == list(zip(places, words))
    assert [line for line in text.splitlines() if "broken" in line] == [
        f"broken: record {place}: {word}" for place, word in zip(places, words)
    ]


def test_a_checkpoint_of_another_history_is_named(copy, stopped):
    head = verified(stopped)["checkpoint"]
    assert verify_both(copy, "--checkpoint", head)[0]["whole"]
    report, text = verify_both(copy, "--checkpoint", "3:" + "0" * 64)
    assert report["fault"]["code"] == "checkpoint" and report["fault"]["seq"] == 3 and "record 3: checkpoint" in text


def test_kill_nine_breaks_no_chain(ollama):
    with Gatehouse({"gpu1": ollama.port}) as server:
        for round in range(3):
            for _ in range(4):
                assert chat(server.port).status == 200
                assert chat(server.port, model="x:cloud").status == 403
            until(lambda: len(shown(server, "--kind", "decision", "--last", "99")) >= 4 * (round + 1), what="records")
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            assert verified(server)["whole"]
            server.process = subprocess.Popen(
                [BINARY, "serve", "--config", server.config], stdout=server.log, stderr=subprocess.STDOUT
            )
            until(lambda: answers(server.operations, "/readyz", status=200), what=f"start {round + 2}")
        server.stop()
        kinds = [kind for kind, _ in shown(server, "--last", "999")]
        assert kinds.count("genesis") == 1 and kinds.count("start") == 3
        starts = [body for kind, body in shown(server, "--kind", "start")]
        assert all(body["tail"] == "whole" for body in starts)
        # What was served before a kill is counted after it.
        report = verified(server)
        assert report["whole"] and report["usage"]["gone"] == 0
        counted = sum(body["requests"] for _, body in shown(server, "--kind", "local"))
        with sqlite3.connect(server.folder / "state" / "usage.sqlite") as usage:
            assert counted == usage.execute("SELECT count(*) FROM usage").fetchone()[0]


def test_a_quarantine_and_its_end_are_records():
    record = {"model": "tiny", "remote_host": "https://ollama.com:443", "message": {"content": "words"}, "done": False}

    def script(connection, head, body):
        connection.sendall(NDJSON_HEAD + chunk(json.dumps(record) + "\n"))
        connection.sendall(chunk(json.dumps({**record, "done": True}) + "\n") + b"0\r\n\r\n")

    with RawUpstream(script) as upstream, Gatehouse({"gpu1": upstream.port}) as server:
        identity = chat(server.port, model="tiny", path="/api/chat").headers["x-gatehouse-request-id"]
        until(lambda: shown(server, "--kind", "backend"), what="the quarantine")
        server.command("backends", "release", "gpu1")
        until(lambda: len(shown(server, "--kind", "backend")) == 2, what="the release")
        changes = [(body["backend"], body["change"]) for _, body in shown(server, "--kind", "backend")]
        assert changes == [("gpu1", "quarantined"), ("gpu1", "released")]
        ((_, decision),) = shown(server, "--request", identity)
        assert decision["reason"] == "remote_model" and decision["candidates"][0]["backend"] == "gpu1"


def test_a_chain_that_cannot_be_written_stops_no_answer(ollama, tmp_path):
    (tmp_path / "state" / "audit.sqlite").mkdir(parents=True)
    with Gatehouse({"gpu1": ollama.port}, folder=tmp_path) as server:
        assert chat(server.port).status == 200
        assert get(server.operations, "/health").json == {"status": "warn"}
        metrics = get(server.operations, "/metrics").body.decode()
        assert "\ngatehouse_audit_writing 0\n" in metrics
        assert "\ngatehouse_audit_records_lost_total 0\n" not in metrics
        warnings = json.loads(server.command("status", "--json").stdout)["warnings"]
        assert any("audit chain cannot be written" in warning for warning in warnings)
        assert "audit_unavailable" in server.output


def test_the_commands_say_what_is_wrong(stopped, tmp_path):
    def run(*arguments):
        done = subprocess.run([BINARY, "audit", *arguments], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stderr

    code, text = run("verify", "--file", str(tmp_path / "none.sqlite"))
    assert code == 1 and "there is no such file" in text
    code, text = run("show", "--file", str(stopped.folder / "state" / "usage.sqlite"))
    assert code == 1 and "is not an audit file" in text
    code, text = run("verify", "--config", str(tmp_path / "none.yaml"))
    assert code == 2
    for arguments, word in [
        (["show", "--since", "yesterday"], "--since"),
        (["show", "--kind", "gossip"], "decision"),
        (["show", "--request", "7"], "request"),
        (["show", "7"], "request"),
        (["verify", "--from", "yesterday"], "--from"),
        (["export", "--to", "0"], "--to"),
        (["verify", "--checkpoint", "7"], "--checkpoint"),
        (["show", "--last", "0"], "--last"),
    ]:
        code, text = run(*arguments)
        assert code == 64 and word in text, (arguments, text)
