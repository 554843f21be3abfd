"""Complete a matrix with unknown cells: factorise it using only the observed ones.

The mask M says which cells of A were observed. U and V learn from those only. Then U V^T has a value in every
cell, even in the hidden ones, and those values are the predictions.

Left out: biases, regularisation, and any promise about a hidden cell: if few cells are observed, many
completions fit them equally well.
"""

import torch
from torch import Tensor


def sgd_factorise_masked(
    A: Tensor, M: Tensor, rank: int, num_epochs: int = 1000, lr: float = 0.01
) -> tuple[Tensor, Tensor]:
    """Find U and V such that U V^T is close to A in the observed cells, by stochastic gradient descent.

    The algorithm is that of factorise.sgd_factorise, on the observed cells only:

        start U and V uniformly at random in [0, 1)
        for every epoch, every row r and every column c where M[r, c] is 1:
            e     =  A[r, c] - U[r] . V[c]
            U[r] +=  lr * e * V[c]
            V[c] +=  lr * e * U[r]

    Args:
        A: the matrix to complete, shape (m, n), floating point or integer. Values in hidden cells have no
            effect, and an observed 0 is a value like any other.
        M: the mask, shape (m, n): 1 where A was observed, 0 where it is hidden; of dtype int, float or bool.
        rank: the number of columns of U and V, at least 1.
        num_epochs: how many times to visit every observed cell.
        lr: the learning rate.

    Returns:
        U of shape (m, rank) and V of shape (n, rank), of a floating-point dtype. A and M stay unchanged.
    """
    raise NotImplementedError("sgd_factorise_masked is not written yet")
