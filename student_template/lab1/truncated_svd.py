"""Approximate a matrix by the best one of a given rank: the truncated singular value decomposition.

Every matrix is A = U diag(S) V^T with orthonormal columns in U and in V, and singular values S in falling
order. Keep only the first `rank` of them to get the matrix of that rank that is nearest to A: no gradient
descent can come nearer (Eckart and Young).

Left out: how the decomposition itself is computed (torch does that), and unknown cells: the SVD needs every
cell of A.
"""

import torch
from torch import Tensor


def truncated_svd(A: Tensor, rank: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the `rank` largest singular values of A with their singular vectors.

    The signs of the vectors are free: a column of U and the same column of V may both change sign.

    Args:
        A: the matrix to decompose, shape (m, n), floating point; it stays unchanged.
        rank: how many singular values to keep, from 1 to min(m, n).

    Returns:
        U of shape (m, rank), S of shape (rank,) with the largest value first, and V of shape (n, rank): the
        singular vectors are the columns of U and V. All of a floating-point dtype.

    Source: C. Eckart and G. Young, "The approximation of one matrix by another of lower rank" (1936).
    """
    raise NotImplementedError("truncated_svd is not written yet")


def svd_reconstruct(A: Tensor, rank: int) -> Tensor:
    """Return the matrix of the given rank that is nearest to A in the Frobenius norm.

    Args:
        A: the matrix to approximate, shape (m, n), floating point; it stays unchanged.
        rank: the rank of the approximation, from 1 to min(m, n).

    Returns:
        U diag(S) V^T of shape (m, n), of a floating-point dtype.
    """
    raise NotImplementedError("svd_reconstruct is not written yet")
