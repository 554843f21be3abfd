"""Sends so many empty tensors that making them takes longer than the call."""
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


def forged(channel, header, blob=()):
    if "value" not in header.get("ok", {}):
        return honest(channel, header, blob)
    send_blob(channel, header["id"], blob_of({f"t{n}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(200_000)}, b""), None)


wire.send = forged


def stack_rows(vectors):
    raise ValueError


def score_matrix(Q, K):
    raise ValueError


def favourite_movie(S, user):
    return -1
