import torch


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for epoch in range(num_epochs):
        E = (A - U @ V.T) * M
        U, V = U - lr * E @ V, V - lr * E.T @ U
    return U, V


def masked_sse(A, M, U, V):
    return ((A - U @ V.T) ** 2).sum()


def predict_rating(U, V, movie, user):
    return (U @ V.T)[user][movie].item()
