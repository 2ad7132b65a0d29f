"""One of the tools that people point at Gatehouse, itself, before a node with a simulated Ollama: deploy/tools.

real_tools.py claude-code|codex|open-webui FOLDER    FOLDER: the virtual environment that has it
"""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import Gatehouse, Process, Simulated, answers, free_port, until

MODEL = "llama3.2:3b"
# What the page shows as answers, in one look: it makes its elements anew while an answer comes.
SHOWN = "return [...document.querySelectorAll('#response-content-container')].map(one => one.innerText.trim())"
MANIFEST = {"schema": 1, "models": {MODEL: {}}, "aliases": {"claude-*": MODEL, "gpt-*": MODEL}}


def see(text):
    print(f"   {text}", flush=True)


def must(holds, what):
    assert holds, what
    see(f"ok: {what}")


def key(node, name, *options):
    made = node.command("keys", "add", name, *options).stdout
    return next(word for word in made.split() if word.startswith("gh_"))


def rows(node, columns):
    """The usage rows of requests that a model has worked for."""
    path = Path(node.configuration["state"]) / "usage.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(f"SELECT {columns} FROM usage WHERE route = 'local' ORDER BY id").fetchall()


def run(arguments, folder, env):
    """What a program of the terminal prints; `folder` is its home and where it works."""
    done = subprocess.run(
        [str(one) for one in arguments], cwd=folder, capture_output=True, text=True, timeout=120,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", **env},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def found(folder, pattern):
    return next(Path(folder).glob(f"lib/python3*/site-packages/{pattern}"))


def claude_code(venv, node, folder):
    program = found(venv, "claude_agent_sdk/_bundled/claude")
    env = {
        "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{node.port}",
        "ANTHROPIC_AUTH_TOKEN": key(node, "claude-code"),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    see(run([program, "--version"], folder, env).strip())
    must(run([program, "-p", "say: hello there"], folder, env).strip() == "hello there", "it shows the model's answer")
    (folder / "tool").write_text("a secret of the folder\n")
    answer = run([program, "-p", "Use the Read tool", "--allowedTools", "Read"], folder, env)
    must(answer.strip(), "a tool was called, and the answer came after its result")
    told = until(lambda: len(found := rows(node, "endpoint, reason, streamed")) >= 3 and found, what="three rows")
    must(set(told) == {("/v1/messages", "allow_local", 1)}, f"{len(told)} requests, all streamed and served by Ollama")


def codex(venv, node, folder):
    program = found(venv, "codex_cli_bin/bin/codex")
    (folder / ".codex").mkdir()
    (folder / ".codex" / "config.toml").write_text(
        'model = "gpt-house"\nmodel_provider = "gatehouse"\n[model_providers.gatehouse]\nname = "Gatehouse"\n'
        f'base_url = "http://127.0.0.1:{node.port}/v1"\nenv_key = "GATEHOUSE_KEY"\nwire_api = "responses"\n'
    )
    env = {"GATEHOUSE_KEY": key(node, "codex")}
    see(run([program, "--version"], folder, env).strip())
    ask = [program, "exec", "--skip-git-repo-check"]
    must(run([*ask, "say: hello there"], folder, env).strip() == "hello there", "it shows the model's answer")
    must(
        run([*ask, "call exec_command"], folder, env).strip(), "a command was run, and the answer came after its result"
    )
    must(run([*ask, "call close_agent"], folder, env).strip(), "a tool of a namespace was called by its own name")
    told = until(lambda: len(found := rows(node, "endpoint, reason, streamed")) >= 5 and found, what="five rows")
    must(set(told) == {("/v1/responses", "allow_local", 1)}, f"{len(told)} requests, all streamed and served by Ollama")


def open_webui(venv, node, folder, simulated):
    secret = key(node, "open-webui", "--principal-header", "X-OpenWebUI-User-Id")
    url = f"http://127.0.0.1:{node.port}"
    sides = {
        "Ollama": {
            "OLLAMA_BASE_URL": url, "OLLAMA_API_CONFIGS": json.dumps({"0": {"key": secret}}),
            "ENABLE_OPENAI_API": "false",
        },
        "OpenAI": {"OPENAI_API_BASE_URL": url + "/v1", "OPENAI_API_KEY": secret, "ENABLE_OLLAMA_API": "false"},
    }  # fmt: skip
    paths = {"Ollama": "/api/chat", "OpenAI": "/v1/chat/completions"}
    for side, settings in sides.items():
        print(f"== as {side}", flush=True)
        before = len(rows(node, "id"))
        with web(venv, folder / side, settings) as port:
            shown = browse(port, f"say: hello {side}")
            must(shown == f"hello {side}", "the browser shows the model's answer")
        told = until(lambda: rows(node, "endpoint, principal, streamed")[before:], what="usage rows")
        must({path for path, *_ in told} == {paths[side]}, f"{len(told)} requests came to {paths[side]}")
        must(any(streamed for *_, streamed in told), "the chat was streamed")
        people = {person for _, person, _ in told}
        must(len(people) == 1 and None not in people, "each of them is for the person who was there")
    heads = json.dumps([one["headers"] for one in simulated.state["requests"]]).lower()
    must("openwebui" not in heads and "admin@localhost" not in heads, "no server inside has learnt who that was")


@contextlib.contextmanager
def web(venv, folder, settings):
    """Open WebUI with a folder of its own, for one person who need not sign in, asking nobody else for anything."""
    port = free_port()
    env = {
        "DATA_DIR": str(folder), "WEBUI_AUTH": "False", "WEBUI_SECRET_KEY": "story",
        "ENABLE_FORWARD_USER_INFO_HEADERS": "true",
        "OFFLINE_MODE": "true", "HF_HUB_OFFLINE": "1", "BYPASS_EMBEDDING_AND_RETRIEVAL": "true",
        "ENABLE_VERSION_UPDATE_CHECK": "false", "ANONYMIZED_TELEMETRY": "false", "DO_NOT_TRACK": "true",
        "SCARF_NO_ANALYTICS": "true", **settings,
    }  # fmt: skip
    folder.mkdir()
    with Process(
        [Path(venv) / "bin" / "open-webui", "serve", "--host", "127.0.0.1", "--port", str(port)], env, folder
    ) as server:
        until(lambda: answers(port, "/health", status=200) or not server.alive(), 180, "Open WebUI")
        assert server.alive(), server.output[-4000:]
        yield port


def browse(port, prompt):
    """A person's way through the page: choose the model, close the news, ask, and read the answer."""
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    options = webdriver.ChromeOptions()
    for one in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1200,900", "--lang=en-US"):
        options.add_argument(one)
    options.binary_location = "/usr/bin/chromium"
    with contextlib.closing(
        Browser(webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver")))
    ) as browser:
        page = browser.page
        page.get(f"http://127.0.0.1:{port}/")
        until(lambda: page.find_elements(By.CSS_SELECTOR, "#chat-input"), 60, "the page")
        # The news come over the page a moment later, and the list of models with them.
        news = '//button[contains(., "Let\'s Go")]'
        for button in until(lambda: page.find_elements(By.XPATH, news), 30, "the news"):
            page.execute_script("arguments[0].click()", button)
        until(lambda: not page.find_elements(By.XPATH, news), what="the page without the news")
        until(lambda: page.find_elements(By.XPATH, f"//button[contains(., '{MODEL}')]"), what="the model's name")
        until(
            lambda: typed(page.find_element(By.CSS_SELECTOR, "#chat-input"), prompt, Keys.ENTER),
            30,
            "a field to type in",
        )
        words = prompt.removeprefix("say: ")

        def read():
            told = page.execute_script(SHOWN)
            return words in told and told

        return until(read, 60, "the answer")[-1]


def typed(field, *keys):
    """Types, where the field takes it: while the news go away it is covered, and made anew after them."""
    from selenium.common.exceptions import WebDriverException

    try:
        field.send_keys(*keys)
    except WebDriverException:
        return False
    return True


class Browser:
    def __init__(self, page):
        self.page = page

    def close(self):
        self.page.quit()


def main(name, venv):
    print(f"== {name}", flush=True)
    start = time.monotonic()
    with contextlib.ExitStack() as stack:
        simulated = stack.enter_context(Simulated("--tokens-per-second", "0"))
        node = stack.enter_context(Gatehouse({"gpu1": simulated.port}, manifest=json.dumps(MANIFEST)))
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="gatehouse-tool-", ignore_cleanup_errors=True))
        )
        if name == "open-webui":
            open_webui(venv, node, folder, simulated)
        else:
            {"claude-code": claude_code, "codex": codex}[name](venv, node, folder)
    print(f"== {name}: as it must be, {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
