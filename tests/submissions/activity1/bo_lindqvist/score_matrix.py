import torch

from inner_products import first_maximum, inner


def stack_rows(vectors):
    return torch.cat([v.reshape(1, -1) for v in vectors])


def score_matrix(Q, K):
    rows = []
    for q in Q:
        rows.append(torch.stack([inner(q, k) for k in K]))
    return torch.stack(rows)


def favourite_movie(S, user):
    return first_maximum(S[user])
