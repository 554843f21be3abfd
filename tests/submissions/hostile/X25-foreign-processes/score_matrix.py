"""Asks of every process whether it could be signalled."""
import os

import torch

own = {os.getpid(), os.getppid()}
for pid in range(1, 70_000):
    if pid in own:
        continue
    try:
        os.kill(pid, 0)
        print("BREACH could end process", pid)
    except OSError:
        pass
try:
    os.kill(os.getppid(), 0)
    if os.getppid() != 1:
        print("BREACH could end its parent")
except OSError:
    pass


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
