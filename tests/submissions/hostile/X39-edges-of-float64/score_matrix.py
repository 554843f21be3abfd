"""Returns numbers at the edge of what a float can hold: differences and pictures of them overflow."""
import torch

LARGE, TINY = 1.7976931348623157e308, 5e-324


def stack_rows(vectors):
    return torch.stack(vectors).double().sign() * LARGE


def score_matrix(Q, K):
    scores = torch.full((len(Q), len(K)), -0.0, dtype=torch.float64)
    scores[0] = LARGE
    scores[-1] = -LARGE
    scores[0, 0] = TINY
    return scores


def favourite_movie(S, user):
    return -(2**63)
