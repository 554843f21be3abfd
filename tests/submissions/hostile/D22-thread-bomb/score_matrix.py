"""Starts as many threads as it can, each with its own stack."""
import threading
import time

import torch


def stack_rows(vectors):
    started = 0
    try:
        for _ in range(5000):
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
            started += 1
    except (RuntimeError, MemoryError):
        pass
    if started == 5000:
        print("BREACH five thousand threads")
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
