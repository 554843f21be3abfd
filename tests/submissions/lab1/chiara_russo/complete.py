import torch


def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    rows, cols = A.shape
    U = torch.rand(rows, rank)
    V = torch.rand(cols, rank)
    for epoch in range(num_epochs):
        for r in range(rows):
            for c in range(cols):
                if A[r, c] != 0:
                    e = A[r, c] - U[r] @ V[c]
                    U[r] += lr * e * V[c]
                    V[c] += lr * e * U[r]
    return U, V
