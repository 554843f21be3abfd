"""Sends shapes that no tensor has."""
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

shapes = iter([[-4], [4.0], ["4"], [[4]], "4", {"0": 4}, None, [True, 4], [2**63, 0], [0, -1]] * 10)


def forged(channel, header, blob=()):
    if "value" not in header.get("ok", {}):
        return honest(channel, header, blob)
    send_blob(channel, header["id"], blob_of({"t0": {"dtype": "F32", "shape": next(shapes), "data_offsets": [0, 16]}}, bytes(16)), None)


wire.send = forged


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
