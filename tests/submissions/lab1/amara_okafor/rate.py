# Lab 1 - Amara Okafor
import torch


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for epoch in range(num_epochs):
        E = (A - U @ V.T) * M
        U, V = U + lr * (E @ V), V + lr * (E.T @ U)
        if epoch % 100 == 0:
            print("epoch", epoch, "SSE", masked_sse(A, M, U, V).item())
    return U, V


def masked_sse(A, M, U, V):
    E = (A - U @ V.T) * M
    return (E**2).sum()


def predict_rating(U, V, movie, user):
    rating = torch.dot(U[movie], V[user]).item()
    print(f"user {user}, movie {movie}: {rating:.4f}")
    return rating
