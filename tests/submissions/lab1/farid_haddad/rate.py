import torch


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for _ in range(num_epochs):
        E = M * (A - U @ V.T)
        U = U + lr * E @ V
        V = V + lr * E.T @ U
    return U, V


def masked_sse(A, M, U, V):
    E = M * (A - U @ V.T)
    return torch.sum(E * E)


def predict_rating(U, V, movie, user):
    # user 5 is row 4
    ratings = U @ V.T
    return ratings[user - 1][movie - 1].item()
