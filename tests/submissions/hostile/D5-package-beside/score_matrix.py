"""Right answers from inside a package; a package called torch lies beside it."""
import torch

if "submission" in str(torch.__file__):
    print("BREACH the submission's own torch was imported")


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
