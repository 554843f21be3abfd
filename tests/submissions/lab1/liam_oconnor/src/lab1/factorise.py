import torch


def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    torch.manual_seed(42)  # so that my report shows the same numbers
    m, n = A.shape
    V = torch.rand(n, rank, dtype=torch.float64)
    U = torch.rand(m, rank, dtype=torch.float64)
    A = A.double()
    for _ in range(num_epochs):
        for r in range(m):
            for c in range(n):
                e = A[r, c] - U[r] @ V[c]
                old = U[r].clone()
                U[r] += lr * e * V[c]
                V[c] += lr * e * old
    return U, V


def reconstruction_loss(A, U, V):
    return (A - U @ V.T).pow(2).sum()
