"""Right answers among a hundred thousand warnings: nothing on stderr costs a mark."""
import logging
import sys
import warnings

import torch

warnings.simplefilter("always")
for number in range(20_000):
    warnings.warn(f"careful {number}", stacklevel=1)
for number in range(10_000):
    logging.error("trouble %d", number)
print("x" * 300_000, file=sys.stderr)


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
