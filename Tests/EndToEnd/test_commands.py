"""The command line, as a newcomer and an operator use it."""
import json
import os
import signal
import socket
import subprocess

import pytest

from harness import BINARY, COMMAND_ENVIRONMENT, Canary, Gatehouse, Process, Simulated, answers, free_port, get, post, until

MODEL = "llama3.2:3b"


def run(*arguments, code=0, env=None, **more):
    done = subprocess.run(
        [BINARY, *arguments], capture_output=True, text=True, timeout=60, env={**os.environ, **COMMAND_ENVIRONMENT, **(env or {})}, **more
    )
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def test_serve_without_its_file_exits_two(tmp_path):
    done = run("serve", "--config", str(tmp_path / "missing.yaml"), code=2)
    assert "missing.yaml" in done.stderr and "gatehouse init" in done.stderr


def test_check_tells_every_mistake_at_once(tmp_path):
    (tmp_path / "models.manifest").write_text("schema: 1\ntiers: {simple: [a, 7]}\nalias: {}\n")
    config = tmp_path / "gatehouse.yaml"
    config.write_text(
        """schema: 1
state: state
listenrs: {data: ["127.0.0.1:11430"]}
backends:
  gpu1: {kind: olama, url: "http://127.0.0.1:11434", zone: loopback}
  gpu2: {kind: ollama, url: "http://10.0.0.1:11434", zone: nowhere, slots: many}
drain: {delay: 10}
"""
    )
    done = run("check", "--config", str(config), code=2)
    text = done.stdout + done.stderr
    for wanted in ("listenrs", "listeners", "olama", "ollama", "nowhere", "many", "`10`", "gatehouse.yaml:3:", "gatehouse.yaml:5:"):
        assert wanted in text, (wanted, text)
    assert "models.manifest:" in text


def test_check_is_silent_about_a_good_configuration(ollama):
    with Gatehouse({"gpu1": ollama.port}) as server:
        assert run("check", "--config", str(server.config)).returncode == 0


def test_dev_without_an_ollama_says_that_it_simulates(tmp_path):
    port, operations, nobody = free_port(), free_port(), free_port()
    arguments = [BINARY, "dev", "--port", port, "--operations-port", operations, "--ollama", f"127.0.0.1:{nobody}"]
    with Process(arguments, env={"TMPDIR": str(tmp_path)}) as dev:
        until(lambda: answers(port, "/readyz", status=200) or not dev.alive(), what="dev")
        assert dev.alive(), dev.output
        until(lambda: "control-C" in dev.output, what="the banner")
        assert "simulated" in dev.output.lower()
        # The three commands it prints are pasted as they are.
        commands = [line.strip() for line in dev.output.splitlines() if line.startswith("  ")]
        assert len(commands) >= 3, dev.output
        env = {**os.environ, **COMMAND_ENVIRONMENT, "TMPDIR": str(tmp_path), "PATH": os.path.dirname(BINARY) + ":" + os.environ["PATH"]}
        for command in commands[:3]:
            done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, env=env)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            assert done.stdout.strip(), command


def test_dev_before_a_real_ollama_says_so(ollama, tmp_path):
    port = free_port()
    arguments = [BINARY, "dev", "--port", port, "--operations-port", free_port(), "--ollama", f"127.0.0.1:{ollama.port}"]
    with Process(arguments, env={"TMPDIR": str(tmp_path)}) as dev:
        until(lambda: answers(port, "/readyz", status=200) or not dev.alive(), what="dev")
        until(lambda: "control-C" in dev.output, what="the banner")
        assert "simulated" not in dev.output.lower() and str(ollama.port) in dev.output


def test_a_taken_port_is_a_clear_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("dev", "--port", str(port), "--operations-port", str(free_port()), code=1, env={"TMPDIR": str(tmp_path)})
        assert str(port) in done.stderr and "--port" in done.stderr


def test_init_looks_tells_and_writes(tmp_path):
    with Simulated("--cloud", "on") as cloudy, Simulated() as fine:
        done = run(
            "init", "--ollama", f"127.0.0.1:{cloudy.port},127.0.0.1:{fine.port}", "--folder", str(tmp_path)
        )
        assert ":cloud" in done.stdout, "the risk is told in plain words"
        key = next(word for word in done.stdout.split() if word.startswith("gh_"))
        assert key not in (tmp_path / "keys.yaml").read_text()
        assert {"gatehouse.yaml", "models.manifest", "keys.yaml"} <= {p.name for p in tmp_path.iterdir()}
        run("check", "--config", str(tmp_path / "gatehouse.yaml"))
        assert MODEL in (tmp_path / "models.manifest").read_text()
        before = (tmp_path / "gatehouse.yaml").read_text()
        again = run("init", "--ollama", f"127.0.0.1:{fine.port}", "--folder", str(tmp_path), code=1)
        assert "gatehouse.yaml" in again.stderr and (tmp_path / "gatehouse.yaml").read_text() == before
        # What it wrote runs, once the ports are free ones.
        port, operations = free_port(), free_port()
        text = before.replace("11430", str(port)).replace("11432", str(operations))
        (tmp_path / "gatehouse.yaml").write_text(text)
        with Process([BINARY, "serve", "--config", tmp_path / "gatehouse.yaml"]) as server:
            until(lambda: answers(operations, "/readyz", status=200) or not server.alive(), what="readiness")
            assert server.alive(), server.output
            body = {"model": MODEL, "messages": [{"role": "user", "content": "say: first"}]}
            assert post(port, "/v1/chat/completions", body).status == 401
            answer = post(port, "/v1/chat/completions", body, headers={"Authorization": f"Bearer {key}"})
            assert answer.status == 200


def test_init_and_doctor_reach_only_the_intranet(tmp_path):
    for server in ("8.8.8.8:11434", "example.com@127.0.0.1:1", "127.1:11434", "169.254.169.254:80"):
        run("doctor", server, code=1)
        run("init", "--ollama", server, "--folder", str(tmp_path / "x"), code=1)


def test_doctor_tells_and_changes_nothing():
    with Simulated("--cloud", "on", "--fault", "remote-host") as risky, Simulated("--ollama-version", "0.15.0") as old:
        text = run("doctor", f"127.0.0.1:{risky.port}", f"127.0.0.1:{old.port}", code=1).stdout
        assert "cloud" in text and "remote_host" in text and "0.15.0" in text
        assert "anyone who can reach it" not in text, "nobody but this host reaches loopback"
        assert all("messages" not in body for body in risky.bodies) and risky.counters["inferences"] == 0
    with Simulated() as fine:
        report = json.loads(run("doctor", f"127.0.0.1:{fine.port}", "--json").stdout)
        assert report[0]["version"] == "0.33.0" and report[0]["cloud"] == "off"


def test_doctor_with_nobody_there():
    done = run("doctor", f"127.0.0.1:{free_port()}", code=1)
    assert "no answer" in (done.stdout + done.stderr) or "refused" in (done.stdout + done.stderr)


def test_keys_commands(ollama):
    with Gatehouse({"gpu1": ollama.port}) as server:
        added = server.command("keys", "add", "billing", "--project", "finance", "--days", "30").stdout
        key = next(word for word in added.split() if word.startswith("gh_"))
        identity = key.split("_")[2]
        listed = server.command("keys", "list").stdout
        assert identity in listed and "billing" in listed and key not in listed
        rotated = server.command("keys", "rotate", identity).stdout
        new = next(word for word in rotated.split() if word.startswith("gh_"))
        assert new != key and new.split("_")[2] == identity

        def works(secret):
            return get(server.port, "/v1/models", headers={"x-api-key": secret}).status == 200

        until(lambda: works(new) and works(key), what="both secrets to work")
        server.command("keys", "revoke", identity)
        until(lambda: not works(new) and not works(key), what="neither to work")
        assert server.command("keys", "revoke", "nobody00", check=False).returncode == 1


def test_keys_that_are_changed_at_the_same_time_are_all_kept(ollama):
    def at_once(server, commands):
        children = [
            subprocess.Popen(
                [BINARY, "keys", *command, "--config", str(server.config)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, **COMMAND_ENVIRONMENT},
            )
            for command in commands
        ]
        outputs = [child.communicate(timeout=60)[0] for child in children]
        assert all(child.returncode == 0 for child in children), outputs
        return [next((w for w in output.split() if w.startswith("gh_")), None) for output in outputs]

    with Gatehouse({"gpu1": ollama.port}) as server:
        secrets = at_once(server, [["add", f"app{number}"] for number in range(8)])
        identities = [secret.split("_")[2] for secret in secrets]
        # One file and one pepper: each of them opens the door.
        for secret in secrets:
            assert get(server.port, "/v1/models", headers={"x-api-key": secret}).status == 200
        at_once(server, [["rotate", identity] for identity in identities[:4]] + [["revoke", i] for i in identities[4:]])
        listed = {key["id"]: key for key in json.loads(server.command("keys", "list", "--json").stdout)}
        assert [listed[identity]["secrets"] for identity in identities[:4]] == [2] * 4
        assert [listed[identity]["state"] for identity in identities[4:]] == ["revoked"] * 4


def test_status_and_models(gatehouse):
    text = gatehouse.command("status", "--once").stdout
    assert "gpu1" in text and "usable" in text
    models = gatehouse.command("models", "list").stdout
    assert MODEL in models
    assert gatehouse.command("backends", "list").stdout
    assert gatehouse.command("health").returncode == 0
    assert gatehouse.command("health", "--model", MODEL).returncode == 0
    assert gatehouse.command("health", "--model", "no-such-model", check=False).returncode == 1


def test_admin_commands_without_a_node_say_so(tmp_path):
    done = run("status", "--socket", str(tmp_path / "none.sock"), code=1)
    assert "there is no such socket" in done.stderr and "gatehouse serve" in done.stderr
    assert "none.sock" in done.stderr and "port 80" not in done.stderr
    with socket.socket(socket.AF_UNIX) as deserted:
        deserted.bind(str(tmp_path / "deserted.sock"))
    done = run("status", "--socket", str(tmp_path / "deserted.sock"), code=1)
    assert "nobody listens" in done.stderr and "port 80" not in done.stderr


def test_the_node_of_a_configuration_that_is_named_from_here_is_found(ollama):
    with Gatehouse({"gpu1": ollama.port}) as server:
        assert server.configuration["state"] == str(server.folder / "state")
        server.configuration["state"] = "state"
        server.write()
        for command in (["status", "--once"], ["reload"], ["audit", "verify"]):
            run(*command, "--config", server.config.name, cwd=server.folder)


def test_explain_asks_no_node_and_reads_standard_input(ollama, tmp_path):
    body = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "hi"}]})
    with Gatehouse({"gpu1": ollama.port}) as server:
        config = str(server.config)
        done = run("explain", "--config", config, "--request", "-", input=body)
        assert f"inside: {MODEL} at gpu1" in done.stdout and "200 allow_local" in done.stdout
        done = run("explain", "--config", config, "--request", "-", "--assume", "local_down", "--json", code=1, input=body)
        assert json.loads(done.stdout)["cases"][0]["outcome"]["reason"] == "backends_unavailable"
        assert json.loads(server.command("requests", "list", "--json").stdout) == []
        done = run("explain", "--config", config, "--request", str(tmp_path / "none.json"), code=2)
        assert "none.json" in done.stderr
        done = run("explain", "--config", config, "--request", "-", "--assume", "rain", code=64, input=body)
        assert "local_saturated" in done.stderr


def test_slots_that_are_assumed_are_told(ollama):
    with Gatehouse({"gpu1": ollama.port}) as server:
        del server.configuration["backends"]["gpu1"]["slots"]
        server.write()
        server.command("reload")
        warnings = json.loads(server.command("status", "--json").stdout)["warnings"]
        assert any("slots" in w for w in warnings)


def test_version():
    assert run("version").stdout.startswith("gatehouse ")
    assert run("--version").stdout.strip()


@pytest.mark.parametrize("arguments", [["simulate", "--fault", "nonsense"], ["simulate", "--listen", "nowhere"]])
def test_wrong_options_are_named(arguments):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=20, env={**os.environ, **COMMAND_ENVIRONMENT})
    assert done.returncode != 0 and arguments[-1] in done.stderr
