"""Returns tensors of a trillion elements whose strides are 0, and views of huge storages."""
import torch


def stack_rows(vectors):
    return torch.zeros(1).expand(10**6, 10**6)


def score_matrix(Q, K):
    return torch.zeros(1).as_strided((2**31, 2**31), (0, 0))


def favourite_movie(S, user):
    return torch.zeros(1, dtype=torch.int64).expand(2**40)
