"""Announces a header of four gigabytes."""
import json
import struct
import sys

wire = next(module for name, module in sys.modules.items() if name.endswith("worker.wire"))
honest = wire.send


def forged(channel, header, blob=()):
    channel.sendall(struct.pack(">4sIQ", b"mlg1", 2**32 - 1, 0) + b"{" * 100_000)


wire.send = forged


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
