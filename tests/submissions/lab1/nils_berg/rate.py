import torch


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    U = torch.rand(A.shape[0], rank, requires_grad=True)
    V = torch.rand(A.shape[1], rank, requires_grad=True)
    optimizer = torch.optim.SGD([U, V], lr=lr)
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = 0.5 * masked_sse(A, M, U, V)
        loss.backward()
        optimizer.step()
    return U.detach(), V.detach()


def masked_sse(A, M, U, V):
    return (M * (A - U @ V.T) ** 2).sum()


def predict_rating(U, V, movie, user):
    return (U[movie] @ V[user]).item()
