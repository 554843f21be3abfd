"""Right answers; the output is a file, closed, or an object that raises."""
import fcntl
import os
import sys

import torch

fcntl.fcntl(1, 1031, 4096)  # a pipe of one page
os.set_blocking(1, False)


class Raising:
    def write(self, text):
        raise OSError("no output today")

    flush = fileno = isatty = write

    def __getattr__(self, name):
        raise RuntimeError(name)


sys.stdout = sys.stderr = Raising()


def stack_rows(vectors):
    os.closerange(1, 3)
    return torch.stack(vectors)


def score_matrix(Q, K):
    sys.stdout = None
    return Q @ K.T


def favourite_movie(S, user):
    sys.stderr = print
    return int(S[user].argmax())
