import torch
from torch import Tensor


def gd_factorise_masked(
    A: Tensor, M: Tensor, rank: int, num_epochs: int = 1000, lr: float = 1e-5
) -> tuple[Tensor, Tensor]:
    raise NotImplementedError("gd_factorise_masked is not written yet")


def masked_sse(A: Tensor, M: Tensor, U: Tensor, V: Tensor) -> Tensor:
    return torch.linalg.matrix_norm((A - U @ V.T) * M).square()


def predict_rating(U: Tensor, V: Tensor, movie: int, user: int) -> float:
    return torch.inner(U[movie], V[user]).item()
