import torch


def init(m, n, rank):
    return torch.rand(m, rank), torch.rand(n, rank)
