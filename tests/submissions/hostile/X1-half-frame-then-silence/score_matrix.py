"""Begins an answer and never ends it."""
import os
import struct
import time


def stack_rows(vectors):
    return None


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    os.write(3, struct.pack(">4sIQ", b"mlg1", 1000, 0) + b'{"id": ')
    time.sleep(1000)
