"""Sends a data frame with so many columns that to build it takes longer than the call."""
import json
import struct
import sys

wire = next(module for name, module in sys.modules.items() if name.endswith("worker.wire"))
honest = wire.send


def send_text(channel, number, value):
    text = ('{"id":%d,"ok":{"value":%s}}' % (number, value)).encode()
    channel.sendall(struct.pack(">4sIQ", b"mlg1", len(text), 0) + text)

TABLE = '{"$":"frame","columns":[' + ",".join(['""'] * 300_000) + '],"v":[' + ",".join(["[]"] * 300_000) + "]}"


def forged(channel, header, blob=()):
    if "value" not in header.get("ok", {}):
        return honest(channel, header, blob)
    send_text(channel, header["id"], TABLE)


wire.send = forged


def stack_rows(vectors):
    raise ValueError


def score_matrix(Q, K):
    raise ValueError


def favourite_movie(S, user):
    return -1
