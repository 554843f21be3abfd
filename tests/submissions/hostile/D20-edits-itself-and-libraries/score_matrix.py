"""Tries to change the code of the libraries and of the grader's own worker on disk."""
import os
import sys

import torch

for module in list(sys.modules.values()):
    path = getattr(module, "__file__", None) or ""
    if path and "submission" not in path:
        try:
            os.close(os.open(path, os.O_RDWR))
            print("BREACH can change", path)
        except OSError:
            pass
with open(__file__, "a") as file:
    file.write("# changed after it was handed in\n")


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
