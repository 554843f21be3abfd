"""Sends the header in encodings that json.loads would guess."""
import json
import struct
import sys

wire = next(module for name, module in sys.modules.items() if name.endswith("worker.wire"))
honest = wire.send

codes = iter(["utf-16", "utf-32-le", "utf-8-sig", "utf-7", "utf-16-be"] * 5)


def forged(channel, header, blob=()):
    if "value" not in header.get("ok", {}):
        return honest(channel, header, blob)
    text = json.dumps(header).replace("7", "+ADc-").encode(next(codes))
    channel.sendall(struct.pack(">4sIQ", b"mlg1", len(text), 0) + text)


wire.send = forged


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
