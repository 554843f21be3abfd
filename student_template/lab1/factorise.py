"""Factorise a matrix by stochastic gradient descent: approximate A by U V^T.

U and V have only `rank` columns, so U V^T can follow the main pattern of A but not every detail. Both start
at random and improve one cell of A at a time: the cell shows how wrong the product is there, and one row of
U and one row of V take a small step that makes this error smaller.

Left out: cells that are unknown (see complete.py), biases and regularisation, a stopping rule, mini-batches.
"""

import torch
from torch import Tensor


def sgd_factorise(A: Tensor, rank: int, num_epochs: int = 1000, lr: float = 0.01) -> tuple[Tensor, Tensor]:
    """Find U and V such that U V^T is close to A, by stochastic gradient descent.

    The algorithm:

        start U and V uniformly at random in [0, 1)
        for every epoch, every row r and every column c:
            e     =  A[r, c] - U[r] . V[c]
            U[r] +=  lr * e * V[c]
            V[c] +=  lr * e * U[r]

    Args:
        A: the matrix to approximate, shape (m, n), floating point or integer; it stays unchanged.
        rank: the number of columns of U and V, at least 1.
        num_epochs: how many times to visit every cell of A.
        lr: the learning rate.

    Returns:
        U of shape (m, rank) and V of shape (n, rank), of a floating-point dtype.

    Source: S. Funk, "Netflix Update: Try This at Home" (2006), without its regularisation.
    """
    raise NotImplementedError("sgd_factorise is not written yet")


def reconstruction_loss(A: Tensor, U: Tensor, V: Tensor) -> Tensor:
    """Measure how far U V^T is from A: the squared Frobenius norm of A - U V^T.

    It is the sum over all cells, not their mean, of the squared differences.

    Args:
        A: the matrix that was approximated, shape (m, n).
        U: the left factor, shape (m, rank).
        V: the right factor, shape (n, rank), same dtype as U.

    Returns:
        The loss, a tensor of shape () or a number. A, U and V stay unchanged.
    """
    raise NotImplementedError("reconstruction_loss is not written yet")
