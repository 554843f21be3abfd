import torch


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    history = []
    for epoch in range(num_epochs):
        E = torch.where(M > 0, A - torch.matmul(U, V.T), torch.zeros(()))
        U, V = U + lr * torch.matmul(E, V), V + lr * torch.matmul(E.T, U)
        # to plot it later
        history.append(float((E**2).sum()))
    return U, V


def masked_sse(A, M, U, V):
    E = torch.where(M > 0, A - torch.matmul(U, V.T), torch.zeros(()))
    return (E**2).sum()


def predict_rating(U, V, movie, user):
    return torch.matmul(U[movie], V[user]).item()
