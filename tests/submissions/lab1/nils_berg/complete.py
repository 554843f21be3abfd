import torch


def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    U = torch.randn(A.shape[0], rank)
    V = torch.randn(A.shape[1], rank)
    for _ in range(num_epochs):
        for r in range(A.shape[0]):
            for c in range(A.shape[1]):
                e = M[r, c] * (A[r, c] - U[r] @ V[c])
                U[r] += lr * e * V[c]
                V[c] += lr * e * U[r]
    return U, V
