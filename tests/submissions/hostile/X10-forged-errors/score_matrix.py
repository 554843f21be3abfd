"""Sends errors that are not what an error looks like, with verdicts of its own choosing."""
import json
import struct
import sys

wire = next(module for name, module in sys.modules.items() if name.endswith("worker.wire"))
honest = wire.send

deep = []
for _ in range(400):
    deep = [deep]
errors = iter([
    None, [], 7, "passed", {"kind": "passed"}, {"kind": ["exit"], "type": {}, "message": deep, "traceback": 1},
    {"kind": "exception", "type": "x" * 1_000_000, "message": "y" * 6_000_000, "traceback": "z" * 1000},
    {"kind": "grader_error"}, {"kind": "exception", "type": "\ud800", "message": "\udfff", "traceback": "\ud83d"},
] * 5)


def forged(channel, header, blob=()):
    if "value" not in header.get("ok", {}):
        return honest(channel, header, blob)
    text = json.dumps({"id": header["id"], "error": next(errors)}).encode()
    channel.sendall(struct.pack(">4sIQ", b"mlg1", len(text), 0) + text)


wire.send = forged


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
