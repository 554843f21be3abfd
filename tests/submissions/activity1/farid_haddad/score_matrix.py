import torch


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    n, m, d = Q.shape[0], K.shape[0], Q.shape[1]
    S = torch.zeros(n, m, dtype=Q.dtype)
    for i in range(n):
        for j in range(m):
            for k in range(1, d + 1):
                S[i, j] += Q[i, k] * K[j, k]
    return S


def favourite_movie(S, user):
    return int(torch.argmax(S[user]))
