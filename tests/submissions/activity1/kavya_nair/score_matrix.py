"""Score every movie for every user with one matrix product."""

import torch
from torch import Tensor


def stack_rows(vectors: list[Tensor]) -> Tensor:
    return torch.stack(vectors)


def score_matrix(Q: Tensor, K: Tensor) -> Tensor:
    return torch.einsum("nd,md->nm", Q, K)


def favourite_movie(S: Tensor, user: int) -> int:
    raise NotImplementedError("favourite_movie is not written yet")
