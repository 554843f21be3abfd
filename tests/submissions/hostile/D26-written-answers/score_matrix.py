"""Right answers; answers.md beside it is full of markup."""
import torch


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
