"""Sends malformed entries of every kind."""
import json
import struct
import sys

wire = next(module for name, module in sys.modules.items() if name.endswith("worker.wire"))
honest = wire.send


def send_text(channel, number, value):
    text = ('{"id":%d,"ok":{"value":%s}}' % (number, value)).encode()
    channel.sendall(struct.pack(">4sIQ", b"mlg1", len(text), 0) + text)

texts = iter(['{}', '{"$": "eval", "v": "1"}', '{"$": []}', '{"$": "tuple"}', '{"$": "tuple", "v": 3}', '{"$": "dict", "v": [[[], 1]]}',
    '{"$": "bytes", "k": "t9", "n": 1}', '{"$": "frame", "columns": ["a"], "v": [1]}', '{"$": "handle"}', '{"$": "handle", "id": "x", "type": 1}',
    '{"$": "tensor", "k": ["t0"]}', '{"$": "frame", "columns": 5, "v": {}}'] * 3)


def forged(channel, header, blob=()):
    if "value" not in header.get("ok", {}):
        return honest(channel, header, blob)
    send_text(channel, header["id"], next(texts))


wire.send = forged


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
