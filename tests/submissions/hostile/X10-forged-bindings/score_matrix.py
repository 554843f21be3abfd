"""Answers the question which functions there are itself, before the loader does."""
import json
import os
import struct

found = {"$": "dict", "v": [["score_matrix", {"$": "dict", "v": [["name", "<b xss-marker>"], ["signature", "x" * 100_000]]}]]}
text = json.dumps({"id": 1, "ok": found}).encode()
os.write(3, struct.pack(">4sIQ", b"mlg1", len(text), 0) + text)


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
