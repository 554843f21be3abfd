"""Right answers and a hundred megabytes of noise."""
import sys

import torch


def stack_rows(vectors):
    for _ in range(100):
        sys.stdout.write("noise " * 175_000)
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
