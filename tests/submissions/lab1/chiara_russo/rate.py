import torch


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    movies, users = A.shape
    U = torch.rand(movies, rank)
    V = torch.rand(users, rank)
    for epoch in range(num_epochs):
        E = (A - U @ V.T) * (A != 0)
        U_old = U
        U = U + lr * E @ V
        V = V + lr * E.T @ U_old
    return U, V


def masked_sse(A, M, U, V):
    return torch.nn.functional.mse_loss((U @ V.T)[M == 1], A[M == 1].float())


def predict_rating(U, V, movie, user):
    return (U[movie] @ V[user]).item()
