"""Answers the load with something that is no table of functions."""
import json
import os
import struct

text = json.dumps({"id": 1, "ok": {"$": "dict", "v": [["score_matrix", [1, 2]], ["stack_rows", None]]}}).encode()
os.write(3, struct.pack(">4sIQ", b"mlg1", len(text), 0) + text)


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
