import torch
from .common import init


def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for epoch in range(num_epochs):
        for r in range(m):
            for c in range(n):
                if M[r, c] == 1:
                    e = A[r, c] - U[r] @ V[c].t()
                    U[r] = U[r] + lr * e * V[c]
                    V[c] = V[c] + lr * e * U[r]
    return U, V


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    A = torch.where(M == 1, A, torch.zeros_like(A))
    mask = (M == 1).float()
    for epoch in range(num_epochs):
        error = (A - torch.matmul(U, V.t())) * mask
        U += lr * torch.matmul(error, V)
        V += lr * torch.matmul(error.t(), U)
    return U, V


def masked_sse(A, M, U, V):
    diff = (A - U @ V.T)[M == 1]
    return torch.sum(diff ** 2)


def predict_rating(U, V, movie, user):
    return torch.dot(U[movie], V[user]).item()
