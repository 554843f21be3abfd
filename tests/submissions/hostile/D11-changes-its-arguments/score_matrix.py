"""Right answers; Q and S are changed in place all the same."""
import torch


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    answer = Q @ K.T
    Q += 1
    return answer


def favourite_movie(S, user):
    answer = int(S[user].argmax())
    S[user] = 0
    return answer
