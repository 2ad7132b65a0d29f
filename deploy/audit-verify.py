#!/usr/bin/env python3
"""Verifies a Gatehouse audit chain without Gatehouse: SHA-256 and SQLite from Python's standard library.

    audit-verify.py FILE [--usage USAGE.sqlite] [--checkpoint SEQ:HASH]...

FILE is audit.sqlite, or what `gatehouse audit export` wrote. Exit: 0 whole, 1 broken or not readable. The layout is
that of the manual's page Audit.md.
"""
import argparse, hashlib, json, sqlite3, struct, sys  # noqa: E401

COLUMNS = ("id, time, request, key, project, feature, model, model_asked, backend, route, endpoint, "
    "prompt_tokens, output_tokens, queued, loading, first_token, total, status, reason, attempts, streamed, principal")


def records(path):
    """(seq, time, kind, body, hash of the body, hash of the record before, own hash), in the order of seq."""
    with open(path, "rb") as file:
        head = file.read(16)
    if head == b"SQLite format 3\0":
        sql = "SELECT seq, time, kind, body, body_sha256, previous, hash FROM audit ORDER BY seq"
        for row in sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute(sql):
            yield (*row[:3], *(value.encode() if isinstance(value, str) else value for value in row[3:]))
    else:
        for line in open(path, encoding="utf-8"):
            one = json.loads(line)
            hashes = [bytes.fromhex(one[name]) for name in ("body_sha256", "previous", "hash")]
            yield (one["seq"], one["time_us"], one["kind"], one["body"].encode(), *hashes)


def fault(record, due, previous, time, checkpoints):
    """What is wrong with a record, or None."""
    seq, at, kind, body, body_hash, before, own = record
    if not all(isinstance(value, bytes) for value in record[3:]) or any(len(value) != 32 for value in record[4:]):
        return "malformed"
    hashed = b"gatehouse-audit-v1" + struct.pack(">qq", seq, at) + kind.encode() + before + body_hash
    holds = {
        "gap": seq == due,
        "genesis": (kind == "genesis") == (seq == 1),
        "previous": before == previous,
        "time": at >= time or kind == "clock",
        "body": hashlib.sha256(body).digest() == body_hash,
        "hash": hashlib.sha256(hashed).digest() == own,
        "checkpoint": checkpoints.get(seq, own.hex()) == own.hex(),
    }
    return next((word for word in holds if not holds[word]), None)


def departure_faults(seq, kind, body, sends):
    """What is wrong with intents and outcomes. `sends` has the number of an open intent, 0 of one that was."""
    if kind == "start":
        missing = [f"broken: record {number}: outcome_missing" for number in sends.values() if number]
        sends.update(dict.fromkeys(sends, 0))
        return missing
    send = (body["request_id"], body["attempt"])
    before = sends.get(send)
    if kind == "intent" or before:
        sends[send] = (before or seq) if kind == "intent" else 0
    if kind == "intent":
        return [] if before is None else [f"broken: record {seq}: intent_twice"]
    return [] if before else [f"broken: record {seq}: outcome_{'without_intent' if before is None else 'twice'}"]


def rows_digest(usage, first, last):
    """The digest of usage rows, and how many are left. The last column came later: null, it stands in no line."""
    rows = usage.execute(f"SELECT {COLUMNS} FROM usage WHERE id BETWEEN ? AND ? ORDER BY id", (first, last))
    rows = [row if row[-1] is not None else row[:-1] for row in rows]
    lines = [json.dumps(row, default=bytes.hex, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows]
    return hashlib.sha256("".join(lines).encode()).hexdigest(), len(lines)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("file")
    parser.add_argument("--usage")
    parser.add_argument("--checkpoint", action="append", default=[])
    options = parser.parse_args()
    checkpoints = {int(seq): hash.lower() for seq, hash in (text.split(":") for text in options.checkpoint)}
    usage = options.usage and sqlite3.connect(f"file:{options.usage}?mode=ro", uri=True)
    due, previous, time, rows, sends, faults = 1, bytes(32), -(2**63), {"agree": 0, "differ": 0, "gone": 0}, {}, []
    for record in records(options.file):
        found = fault(record, due, previous, time, checkpoints)
        if found:
            sys.exit(f"broken: record {due if found == 'gap' else record[0]}: {found}")
        due, previous, time = due + 1, record[6], record[1]
        body = json.loads(record[3])
        if record[2] in ("intent", "outcome", "start"):
            faults += departure_faults(*record[:3:2], body, sends)
        if usage and record[2] == "local":
            digest, count = rows_digest(usage, body["usage_first"], body["usage_last"])
            rows["agree" if digest == body["usage_sha256"] else "gone" if count < body["requests"] else "differ"] += 1
    if due == 1 or checkpoints and max(checkpoints) >= due:
        sys.exit(f"broken: record {due}: {'empty' if due == 1 else 'cut_off'}")
    print(f"whole: {due - 1} records, checkpoint {due - 1}:{previous.hex()}", *faults, sep="\n")
    if usage:
        print(f"usage: {rows['agree']} agree, {rows['differ']} differ, {rows['gone']} gone")
    sys.exit(1 if faults or rows["differ"] else 0)


main()
