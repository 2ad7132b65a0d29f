"""What is packed beside the program: the manual as files, and gatehouse(1)."""
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness import BINARY

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "deploy/lib/packaging"
CATALOGUE = ROOT / "Sources/Gateway/Documentation.docc"


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("manual")
    subprocess.run([sys.executable, SCRIPTS / "manual.py", CATALOGUE, folder], check=True, timeout=60)
    return {page.name: page.read_text() for page in folder.iterdir()}


def test_every_page_is_there_and_every_link_leads_to_one(manual):
    assert set(manual) == {f"{page.stem}.html" for page in CATALOGUE.glob("*.md")}
    for name, text in manual.items():
        links = set(re.findall(r'href="([^"]+)"', text))
        assert set(manual) <= links, f"{name} leads to all pages"
        assert all(link in manual or link.startswith("https://") for link in links), (name, links)
        assert "doc:" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL), "every reference became a link"


def test_a_page_loads_nothing(manual):
    for text in manual.values():
        assert not re.search(r"<(script|img|link|iframe|object)\b|\bsrc=|url\(|@import", text)


def test_a_page_has_the_tables_of_its_source(manual):
    for page in CATALOGUE.glob("*.md"):
        source = len(re.findall(r"^\|[-|]+\|$", page.read_text(), flags=re.MULTILINE))
        assert manual[f"{page.stem}.html"].count("<table>") == source


def commands(node, outer=()):
    """Each command with its words, and its own options."""
    words = (*outer, node["commandName"])
    options = [name["name"] for argument in node.get("arguments", []) for name in argument.get("names", [])]
    yield " ".join(words), options
    for inner in node.get("subcommands", []):
        yield from commands(inner, words)


def test_the_page_of_man_tells_every_command_and_option():
    told = subprocess.run([BINARY, "--experimental-dump-help"], capture_output=True, text=True, check=True, timeout=60).stdout
    made = [sys.executable, SCRIPTS / "manpage.py", "0.1.0", "2026-11-24"]
    page = subprocess.run(made, input=told, capture_output=True, text=True, check=True, timeout=60).stdout
    plain = page.replace("\\-", "-")
    for command, options in commands(json.loads(told)["command"]):
        if command == "gatehouse" or command == "gatehouse help":
            continue
        section = plain.split(f".SS {command}\n")
        assert len(section) == 2, command
        section = section[1].split(".SS ")[0]
        missing = [name for name in options if f"-{name}" not in section and name not in ("help", "h", "version")]
        assert missing == [], command
    if shutil.which("groff"):
        shown = subprocess.run(["groff", "-man", "-ww", "-z"], input=page, capture_output=True, text=True, timeout=60)
        assert shown.stderr == ""
