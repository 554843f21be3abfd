import torch


def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for _ in range(num_epochs):
        for r in range(1, m + 1):
            for c in range(1, n + 1):
                u, v = U[r], V[c]
                e = (A[r, c] - u @ v).item()
                u += lr * e * v
                v += lr * e * u
    return U, V


def reconstruction_loss(A, U, V):
    return ((A - U @ V.T) ** 2).sum()
