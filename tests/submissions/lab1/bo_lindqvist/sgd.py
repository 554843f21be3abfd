"""What factorise and complete have in common."""

import torch


def random_factors(A, rank):
    return torch.rand(A.shape[0], rank), torch.rand(A.shape[1], rank)


def step(value, u, v, lr):
    e = float(value) - float(u @ v)
    u += lr * e * v
    v += lr * e * u
