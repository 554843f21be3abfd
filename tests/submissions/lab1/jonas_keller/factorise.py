import numpy as np


def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    A = np.array(A)
    m, n = A.shape
    U = np.random.rand(m, rank)
    V = np.random.rand(n, rank)
    for _ in range(num_epochs):
        for r in range(m):
            for c in range(n):
                e = A[r, c] - U[r] @ V[c]
                U[r] += lr * e * V[c]
                V[c] += lr * e * U[r]
    return U, V


def reconstruction_loss(A, U, V):
    return float(np.sum((np.array(A) - np.array(U) @ np.array(V).T) ** 2))
