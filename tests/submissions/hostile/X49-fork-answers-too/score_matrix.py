"""Forks in the middle of a call, so that two processes return from it."""
import os

import torch


def stack_rows(vectors):
    for _ in range(3):
        os.fork()
    return torch.stack(vectors)


def score_matrix(Q, K):
    os.fork()
    return Q @ K.T


def favourite_movie(S, user):
    if os.fork() == 0:
        return 99
    return int(S[user].argmax())
