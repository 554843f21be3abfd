import torch


def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    # go on until it is exact
    while reconstruction_loss(A, U, V) > 0:
        for r in range(m):
            for c in range(n):
                e = A[r, c] - U[r] @ V[c]
                U[r] += lr * e * V[c]
                V[c] += lr * e * U[r]
    return U, V


def reconstruction_loss(A, U, V):
    return ((A - U @ V.T) ** 2).sum()
