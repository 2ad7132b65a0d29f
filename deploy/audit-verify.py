#!/usr/bin/env python3
"""Verifies a Gatehouse audit chain without Gatehouse: SHA-256 and SQLite from Python's standard library.

    audit-verify.py FILE [--usage USAGE.sqlite] [--checkpoint SEQ:HASH]...

FILE is audit.sqlite, or what `gatehouse audit export` wrote. Exit: 0 whole, 1 broken or not readable. The layout is
that of the manual's page Audit.md.
"""
import argparse
import hashlib
import json
import sqlite3
import sys

ZERO = bytes(32)
COLUMNS = (
    "id, time, request, key, project, feature, model, model_asked, backend, route, endpoint, prompt_tokens, "
    "output_tokens, queued, loading, first_token, total, status, reason, attempts, streamed"
)


def records(path):
    """(seq, time, kind, body, hash of the body, hash of the record before, own hash), in the order of seq."""
    with open(path, "rb") as file:
        is_database = file.read(16) == b"SQLite format 3\0"
    if is_database:
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
    if seq != due:
        return "gap"
    if (kind == "genesis") != (seq == 1):
        return "genesis"
    if before != previous:
        return "previous"
    if at < time and kind != "clock":
        return "time"
    if hashlib.sha256(body).digest() != body_hash:
        return "body"
    numbers = seq.to_bytes(8, "big", signed=True) + at.to_bytes(8, "big", signed=True)
    if hashlib.sha256(b"gatehouse-audit-v1" + numbers + kind.encode() + before + body_hash).digest() != own:
        return "hash"
    if checkpoints.get(seq, own.hex()) != own.hex():
        return "checkpoint"
    return None


def rows_digest(usage, first, last):
    """The digest of usage rows, and how many are left."""
    digest, count = hashlib.sha256(), 0
    for row in usage.execute(f"SELECT {COLUMNS} FROM usage WHERE id BETWEEN ? AND ? ORDER BY id", (first, last)):
        values = [value.hex() if isinstance(value, bytes) else value for value in row]
        digest.update(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        count += 1
    return digest.hexdigest(), count


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("file")
    parser.add_argument("--usage")
    parser.add_argument("--checkpoint", action="append", default=[])
    options = parser.parse_args()
    checkpoints = {int(seq): hash.lower() for seq, hash in (text.split(":") for text in options.checkpoint)}
    usage = options.usage and sqlite3.connect(f"file:{options.usage}?mode=ro", uri=True)
    due, previous, time, rows = 1, ZERO, -(2**63), {"agree": 0, "differ": 0, "gone": 0}
    for record in records(options.file):
        found = fault(record, due, previous, time, checkpoints)
        if found:
            sys.exit(f"broken: record {due if found == 'gap' else record[0]}: {found}")
        due, previous, time = due + 1, record[6], record[1]
        if usage and record[2] == "local":
            body = json.loads(record[3])
            digest, count = rows_digest(usage, body["usage_first"], body["usage_last"])
            rows["agree" if digest == body["usage_sha256"] else "gone" if count < body["requests"] else "differ"] += 1
    if due == 1:
        sys.exit("broken: record 1: empty")
    if checkpoints and max(checkpoints) >= due:
        sys.exit(f"broken: record {due}: cut_off")
    print(f"whole: {due - 1} records, checkpoint {due - 1}:{previous.hex()}")
    if usage:
        print(f"usage: {rows['agree']} agree, {rows['differ']} differ, {rows['gone']} gone")
        sys.exit(1 if rows["differ"] else 0)


if __name__ == "__main__":
    main()
