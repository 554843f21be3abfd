"""Sends answers that are neither an answer nor an error."""
import json
import struct
import sys

wire = next(module for name, module in sys.modules.items() if name.endswith("worker.wire"))
honest = wire.send

bodies = iter([{"ok": []}, {"ok": None}, {"ok": True}, {}, {"ok": {}}, {"ok": {"value": 1}, "error": {}}, {"ok": {"values": 1}}] * 5)


def forged(channel, header, blob=()):
    if "value" not in header.get("ok", {}):
        return honest(channel, header, blob)
    return honest(channel, {"id": header["id"]} | next(bodies))


wire.send = forged


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
