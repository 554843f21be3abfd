# Lab 1 - Eve Lang
import torch


def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U, V = torch.rand(m, rank), torch.rand(n, rank)
    for _ in range(num_epochs):
        for r in range(m):
            for c in range(n):
                e = A[r, c] - U[r] @ V[c]
                U[r], V[c] = U[r] + lr * e * V[c], V[c] + lr * e * U[r]
    return U, V


def reconstruction_loss(A, U, V):
    return ((A - U @ V.T) ** 2).sum()


def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U, V = torch.rand(m, rank), torch.rand(n, rank)
    for _ in range(num_epochs):
        for r in range(m):
            for c in range(n):
                if M[r, c]:
                    e = A[r, c] - U[r] @ V[c]
                    U[r], V[c] = U[r] + lr * e * V[c], V[c] + lr * e * U[r]
    return U, V


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U, V = torch.rand(m, rank), torch.rand(n, rank)
    for _ in range(num_epochs):
        E = (A - U @ V.T) * M
        U, V = U + lr * (E @ V), V + lr * (E.T @ U)
    return U, V


def masked_sse(A, M, U, V):
    return (((A - U @ V.T) * M) ** 2).sum()


def predict_rating(U, V, movie, user):
    return (U[movie] @ V[user]).item()


def truncated_svd(A, rank):
    U, S, Vh = torch.linalg.svd(A, full_matrices=False)
    return U[:, :rank], S[:rank], Vh[:rank].T


def svd_reconstruct(A, rank):
    U, S, V = truncated_svd(A, rank)
    return (U * S) @ V.T
