import torch


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    epoch = 0
    while epoch < num_epochs:
        E = (A - U @ V.T) * M
        U += lr * E @ V
        E = (A - U @ V.T) * M
        V += lr * E.T @ U
        epoch += 1
    return U, V


def masked_sse(A, M, U, V):
    return (((A - U @ V.T) * M) ** 2).sum()


def predict_rating(U, V, movie, user):
    return (U[movie] * V[user]).sum().item()
