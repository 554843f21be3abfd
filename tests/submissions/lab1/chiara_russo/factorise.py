import torch


def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    rows, cols = A.shape
    U = torch.rand(rows, rank)
    V = torch.rand(cols, rank)
    for epoch in range(1, num_epochs):
        for r in range(1, rows):
            for c in range(1, cols):
                e = A[r, c] - U[r] @ V[c]
                U[r] += lr * e * V[c]
                V[c] += lr * e * U[r]
    return U, V


def reconstruction_loss(A, U, V):
    return torch.nn.functional.mse_loss(U @ V.T, A)
