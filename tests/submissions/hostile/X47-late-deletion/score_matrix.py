"""Returns objects that end the process, raise, or come back to life when they are let go of."""
import os

import torch

alive = []


class Late:
    def __del__(self):
        alive.append(self)
        raise RuntimeError("too late")


class Last:
    def __del__(self):
        os._exit(0)


def stack_rows(vectors):
    Late()
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Late()


def favourite_movie(S, user):
    Last()
    return int(S[user].argmax())
