import torch
def sgd_factorise(A, N, numepochs=1000, alpha=0.01):
    m, n = A.shape
    U = torch.rand(m, N)
    V = torch.rand(n, N)
    for epoch in range(numepochs):
        for r in range(m):
            for c in range(n):
                e = A[r, c] - U[r] @ V[c].t()
                U[r] = U[r] + alpha * e * V[c]
                V[c] = V[c] + alpha * e * U[r]
    return U, V
def reconstruction_loss(A, P, Q):
    return torch.nn.functional.mse_loss(P @ Q.t(), A, reduction='sum')
def truncated_svd(A, k):
    U, S, V = torch.svd(A)
    return U[:, :k], S[:k], V[:, :k]
def svd_reconstruct(A, k):
    U, S, V = truncated_svd(A, k)
    return U @ torch.diag(S) @ V.T
def sgd_factorise_masked(A, mask, rank, numepochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for epoch in range(numepochs):
        for r in range(m):
            for c in range(n):
                if mask[r, c] == 1:
                    e = A[r, c] - U[r] @ V[c].t()
                    U[r] = U[r] + lr * e * V[c]
                    V[c] = V[c] + lr * e * U[r]
    return U, V
def gd_factorise_masked(A, mask, rank, numepochs=1000, lr=1e-5):
    U = torch.rand(A.shape[0], rank)
    V = torch.rand(A.shape[1], rank)
    for e in range(numepochs):
        err = (A - U @ V.T)
        err[mask == 0] = 0
        U, V = U + lr * err @ V, V + lr * err.T @ U
    return U, V
def masked_sse(A, mask, U, V):
    diff = (A - U @ V.T)[mask == 1]
    return torch.sum(diff ** 2)
def predict_rating(U, V, i, j):
    return torch.dot(U[i], V[j]).item()
