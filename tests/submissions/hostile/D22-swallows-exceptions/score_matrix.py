"""Waits for ever and swallows whatever is raised at it."""
import time


def stack_rows(vectors):
    return None


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            continue
