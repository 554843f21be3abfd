import torch
import torch.nn.functional as F


def stack_rows(vectors):
    return torch.vstack(vectors)


def score_matrix(Q, K):
    return F.linear(Q, K)


def favourite_movie(S, user):
    values, index = S[user].max(dim=0)
    return index.item()
