import torch


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    A = A.to(torch.float64)
    M = M.to(torch.float64)
    U = torch.rand(A.shape[0], rank, dtype=torch.float64)
    V = torch.rand(A.shape[1], rank, dtype=torch.float64)
    for _ in range(num_epochs):
        E = (A - U @ V.mT) * M
        U, V = U + lr * E @ V, V + lr * E.mT @ U
    return U, V


def masked_sse(A, M, U, V):
    return float(((A - U @ V.mT) * M).pow(2).sum())


def predict_rating(U, V, movie, user):
    return float(U[movie].dot(V[user]))
