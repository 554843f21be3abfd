import torch


def sgd_factorise_masked(A, M, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for _ in range(num_epochs):
        for r in range(m):
            for c in range(n):
                if not M[r, c]:
                    continue
                u, v = U[r], V[c]
                e = (A[r, c] - u @ v).item()
                u += lr * e * v
                v += lr * e * u
	return U, V
