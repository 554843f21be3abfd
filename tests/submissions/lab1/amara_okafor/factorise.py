# Lab 1 - Amara Okafor
import torch


def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for epoch in range(num_epochs):
        for r in range(m):
            for c in range(n):
                e = A[r][c] - torch.dot(U[r], V[c])
                U[r] = U[r] + lr * e * V[c]
                V[c] = V[c] + lr * e * U[r]
        if epoch % 100 == 0:
            print("epoch", epoch, "loss", reconstruction_loss(A, U, V).item())
    return U, V


def reconstruction_loss(A, U, V):
    return torch.norm(A - U @ V.T) ** 2
