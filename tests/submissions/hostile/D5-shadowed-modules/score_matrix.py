"""Right answers; the files beside it have the names of modules that a grader imports."""
import json
import random

import torch

assert json.loads("[1]") == [1]
assert random.random() < 1


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
