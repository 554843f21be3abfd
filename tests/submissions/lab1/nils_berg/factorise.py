import torch


def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    """With autograd: right, but slow."""
    U = torch.rand(A.shape[0], rank, requires_grad=True)
    V = torch.rand(A.shape[1], rank, requires_grad=True)
    optimizer = torch.optim.SGD([U, V], lr=lr)
    for _ in range(num_epochs):
        for r in range(A.shape[0]):
            for c in range(A.shape[1]):
                optimizer.zero_grad()
                loss = 0.5 * (A[r, c] - U[r] @ V[c]) ** 2
                loss.backward()
                optimizer.step()
    return U, V


def reconstruction_loss(A, U, V):
    return ((A - U @ V.T) ** 2).sum()
