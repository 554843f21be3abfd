"""Spreads three gigabytes over processes that are each within their limit."""
import os
import time


def stack_rows(vectors):
    ready, done = os.pipe()
    for _ in range(12):
        if os.fork() == 0:
            held = b"x" * (256 << 20)
            os.write(done, held[:1])
            time.sleep(30)
            os._exit(0)
    for _ in range(12):
        os.read(ready, 1)
    time.sleep(3)
    print("BREACH three gigabytes in children")


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    return None
