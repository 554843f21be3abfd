import torch

def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    U = torch.rand(A.size(0), rank)
    V = torch.rand(A.size(1), rank)
    known = torch.nonzero(M)
    for _ in range(num_epochs):
        for r, c in known:
            err = A[r, c] - torch.dot(U[r], V[c])
            U[r] += lr * err * V[c]
            V[c] += lr * err * U[r]
    return U, V
