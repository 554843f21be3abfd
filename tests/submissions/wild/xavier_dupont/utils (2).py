import torch

def rand_factors(m, n, k):
    return torch.rand(m, k), torch.rand(n, k)
