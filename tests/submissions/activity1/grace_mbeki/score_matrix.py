import torch


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    j = 0
    best = 0
    while j < S.shape[1]:
        if S[user, j] > S[user, best]:
            best = j
            j += 1
    return best
