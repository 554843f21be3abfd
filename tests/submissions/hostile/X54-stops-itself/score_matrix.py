"""Stops its own process: it neither answers nor ends."""
import os
import signal


def stack_rows(vectors):
    return None


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    os.kill(os.getpid(), signal.SIGSTOP)
