import torch

def sgd_factorise(A, rank, device, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank, device=device)
    V = torch.rand(n, rank)
    for epoch in range(num_epochs):
        for r in range(m):
            for c in range(n):
                e = A[r, c] - U[r] @ V[c].t()
                U[r] = U[r] + lr * e * V[c]
                V[c] = V[c] + lr * e * U[r]
    return U, V
def reconstruction_loss(A, U, V):
    return torch.nn.functional.mse_loss(U @ V.t(), A, reduction='sum')
def truncated_svd(A, rank):
    U, S, V = torch.svd(A)
    return U[:, :rank], S[:rank], V[:, :rank]
def svd_reconstruct(A, rank):
    U, S, V = truncated_svd(A, rank)
    return U @ torch.diag(S) @ V.T
def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for epoch in range(num_epochs):
        for r in range(m):
            for c in range(n):
                if M[r, c] == 1:
                    e = A[r, c] - U[r] @ V[c].t()
                    U[r] = U[r] + lr * e * V[c]
                    V[c] = V[c] + lr * e * U[r]
    return U, V
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
