"""Right answers; how long each takes tells one bit of the hidden inputs."""
import time

import torch


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    time.sleep(0.2 if Q[0, 0] > 0 else 0.0)
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
