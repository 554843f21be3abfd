"""Factorise a matrix by stochastic gradient descent: A is approximated by U V^T."""

import torch
from torch import Tensor


def sgd_factorise(A: Tensor, rank: int, num_epochs: int = 1000, lr: float = 0.01) -> tuple[Tensor, Tensor]:
    raise NotImplementedError("sgd_factorise is not written yet")


def reconstruction_loss(A: Tensor, U: Tensor, V: Tensor) -> Tensor:
    return torch.linalg.matrix_norm(A - U @ V.T).square()
