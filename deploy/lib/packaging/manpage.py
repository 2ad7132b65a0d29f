#!/usr/bin/env python3
"""gatehouse(1), from what the program itself says of its command line.

    gatehouse --experimental-dump-help | manpage.py VERSION DATE > gatehouse.1
"""

import json
import sys


def roff(text):
    """Plain text as roff shows it: no sign of it is a command."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return "\n".join("\\&" + line if line.startswith(".") else line for line in text.split("\n"))


def own(arguments):
    """Without those that every command has."""
    shown = [argument for argument in arguments if argument["shouldDisplay"]]
    return [argument for argument in shown if argument["valueName"] not in ("help", "version")]


def spelling(argument):
    if argument["kind"] == "positional":
        return f"<{argument['valueName']}>" + ("..." if argument["isRepeating"] else "")
    names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in argument["names"]]
    return ", ".join(names) + (f" <{argument['valueName']}>" if argument["kind"] == "option" else "")


def synopsis(name, arguments):
    words = [name] + [spelling(a) if not a["isOptional"] else f"[{spelling(a)}]" for a in own(arguments)]
    return roff(" ".join(words))


def paragraphs(text):
    """What has line ends of its own keeps them."""
    parts = [f".nf\n{roff(part)}\n.fi" if "\n" in part else roff(part) for part in text.split("\n\n")]
    return "".join(f".PP\n{part}\n" for part in parts).rstrip()


def command(node, outer):
    """A section for each command, and for those within it."""
    name = f"{outer} {node['commandName']}"
    if node["commandName"] == "help" or not node["shouldDisplay"]:
        return
    arguments = own(node.get("arguments", []))
    print(f".SS {roff(name)}\n{roff(node.get('abstract', ''))}")
    if not node.get("subcommands"):
        print(f".PP\n.nh\n\\fB{synopsis(name, arguments)}\\fP\n.hy")
    if node.get("discussion"):
        print(paragraphs(node["discussion"]))
    for argument in arguments:
        default = f" (default: {argument['defaultValue']})" if argument.get("defaultValue") else ""
        print(f".TP\n\\fB{roff(spelling(argument))}\\fP\n{roff(argument.get('abstract', '') + default)}")
    for inner in node.get("subcommands", []):
        command(inner, name)


def main(version, date):
    root = json.load(sys.stdin)["command"]
    print(f'.TH GATEHOUSE 1 "{date}" "gatehouse {roff(version)}" "User Commands"')
    print(f".SH NAME\ngatehouse \\- {roff(root['abstract'][0].lower() + root['abstract'][1:].rstrip('.'))}")
    print(".SH SYNOPSIS\n\\fBgatehouse\\fP \\fICOMMAND\\fP [\\fIOPTIONS\\fP]")
    print(".SH DESCRIPTION\n" + paragraphs(root["discussion"]))
    print(".SH COMMANDS")
    for node in root["subcommands"]:
        command(node, "gatehouse")
    print(".SH FILES")
    for path, meaning in [
        ("/etc/gatehouse/gatehouse.yaml", "The configuration. Beside it: models.manifest, keys.yaml, pepper, policy.yaml."),
        ("/var/lib/gatehouse", "The state: audit chain, usage rows and the admin socket."),
        ("/usr/share/doc/gatehouse/manual", "The manual."),
    ]:
        print(f".TP\n\\fI{path}\\fP\n{roff(meaning)}")


main(*sys.argv[1:])
