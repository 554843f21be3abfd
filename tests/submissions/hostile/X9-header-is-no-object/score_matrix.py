"""Sends headers that are not objects."""
import json
import struct
import sys

wire = next(module for name, module in sys.modules.items() if name.endswith("worker.wire"))
honest = wire.send

texts = iter([b"[]", b"1", b'"id"', b"null", b"", b"\xff\xfe", b'{"id": 2', b'{"id": "\xed\xa0\x80"}'] * 5)


def forged(channel, header, blob=()):
    if "value" not in header.get("ok", {}):
        return honest(channel, header, blob)
    text = next(texts)
    channel.sendall(struct.pack(">4sIQ", b"mlg1", len(text), 0) + text)


wire.send = forged


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
