import torch
def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank); V = torch.rand(n, rank)
    obs = [(r, c, A[r, c].item()) for r in range(m) for c in range(n) if M[r, c]]
    for i in range(num_epochs):
        for (r, c, a) in obs:
            e = a - (U[r] * V[c]).sum().item()
            U[r] += lr * e * V[c]
            V[c] += lr * e * U[r]
    return U, V
