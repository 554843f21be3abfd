"""Announces a blob of sixteen exabytes."""
import json
import struct
import sys

wire = next(module for name, module in sys.modules.items() if name.endswith("worker.wire"))
honest = wire.send


def forged(channel, header, blob=()):
    text = json.dumps(header).encode()
    channel.sendall(struct.pack(">4sIQ", b"mlg1", len(text), 2**64 - 1) + text)


wire.send = forged


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
