import torch


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for epoch in range(num_epochs):
        E = A * M - U @ V.T
        U, V = U + lr * E @ V, V + lr * E.T @ U
    return U, V


def masked_sse(A, M, U, V):
    return torch.norm((A - U @ V.T) * M)


def predict_rating(U, V, movie, user):
    return round((U[movie] @ V[user]).item(), 2)
