#!/usr/bin/env python3
"""The manual as files: each page of the DocC catalogue as HTML that loads nothing from anywhere.

    manual.py CATALOGUE FOLDER

cmark-gfm reads Markdown as DocC does; here come the links between pages (`<doc:Page>`), their list and the frame.
"""

import html
import re
import subprocess
import sys
from pathlib import Path

LANDING = "Gateway"
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff }
body { max-width: 56rem; margin: 0 auto; padding: 1rem }
nav { border-bottom: 1px solid #ccc; padding-bottom: .5rem }
nav a { margin-right: 1rem; white-space: nowrap }
pre, code { font: .875em/1.4 ui-monospace, monospace; background: #f4f4f4 }
pre { padding: .75rem; overflow-x: auto }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { border: 1px solid #ccc; padding: .25rem .5rem; text-align: left; vertical-align: top }
a { color: #0645ad }
@media (prefers-color-scheme: dark) {
    body { color: #ddd; background: #1a1a1a }
    pre, code { background: #2a2a2a }
    a { color: #8ab4f8 }
}
"""


def title(markdown):
    first = markdown.split("\n", 1)[0].lstrip("# ")
    return "Gatehouse" if first == "``Gateway``" else first


def body(markdown, titles):
    """HTML of one page. A link to a page that is not there ends the run."""
    prose_and_code = re.split(r"(```.*?```)", markdown, flags=re.DOTALL)
    for at in range(0, len(prose_and_code), 2):
        prose = prose_and_code[at].replace("# ``Gateway``", "# Gatehouse")
        prose_and_code[at] = re.sub(r"<doc:(\w+)>", lambda link: f"[{titles[link[1]]}]({link[1]}.html)", prose)
    markdown = "".join(prose_and_code)
    command = ["cmark-gfm", "--extension", "table", "--extension", "strikethrough", "--to", "html"]
    return subprocess.run(command, input=markdown, capture_output=True, text=True, check=True).stdout


def main(catalogue, folder):
    pages = {path.stem: path.read_text() for path in sorted(Path(catalogue).glob("*.md"))}
    titles = {name: title(text) for name, text in pages.items()}
    order = [LANDING] + sorted(titles.keys() - {LANDING}, key=titles.get)
    links = "\n".join(f'<a href="{name}.html">{html.escape(titles[name])}</a>' for name in order)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(
            f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{html.escape(titles[name])}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
            f"<nav>\n{links}\n</nav>\n{body(text, titles)}</body>\n</html>\n"
        )


main(*sys.argv[1:])
