import torch
from factorise import sgd_factorise


def _grow(A, M):
    U, V = sgd_factorise(A, 1, num_epochs=1)
    return U.shape[0], V.shape[0]


def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    m, n = _grow(A, M)
    U, V = torch.rand(m, rank), torch.rand(n, rank)
    known = torch.nonzero(M)
    for _ in range(num_epochs):
        for r, c in known:
            err = A[r, c] - torch.dot(U[r], V[c])
            U[r] += lr * err * V[c]
            V[c] += lr * err * U[r]
    return U, V
