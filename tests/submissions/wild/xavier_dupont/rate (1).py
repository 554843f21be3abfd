import torch
def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    U = torch.rand(A.shape[0], rank)
    V = torch.rand(A.shape[1], rank)
    for e in range(num_epochs):
        err = (A - U @ V.T)
        err[M == 0] = 0
        U, V = U + lr * err @ V, V + lr * err.T @ U
    return U, V
def masked_sse(A, M, U, V):
    diff = (A - U @ V.T)[M == 1]
    return torch.sum(diff ** 2)
def predict_rating(U, V, movie, user):
    return torch.dot(U[movie], V[user]).item()
