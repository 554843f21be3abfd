import torch

name = input('Your name: ')
rank = int(input('rank? '))
A = torch.tensor([[0.3374, 0.6005, 0.1735],
                  [3.3359, 0.0492, 1.8374],
                  [2.9407, 0.5301, 2.2620]])

def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    m = A.shape[0]; n = A.shape[1]
    U = torch.rand([m, rank]); V = torch.rand([n, rank])
    epoch = 0
    while epoch < num_epochs:
        for r in range(0, m):
            Ur = U[r].clone()
            for c in range(0, n):
                e = A[r, c].item() - float(Ur @ V[c])
                Ur = Ur + e * lr * V[c]
                V[c] = V[c] + e * lr * Ur
            U[r] = Ur
        epoch += 1
    return U, V

def reconstruction_loss(A, U, V):
    A_hat = torch.mm(U, V.T)
    return torch.norm(A - A_hat, p='fro') ** 2

U, V = sgd_factorise(A, rank)
print('hello', name, reconstruction_loss(A, U, V))

def truncated_svd(A, rank):
    U, S, V = torch.svd(A)
    return U[:, :rank], S[:rank], V[:, :rank]

def svd_reconstruct(A, rank):
    U, S, V = truncated_svd(A, rank)
    return U @ torch.diag(S) @ V.T

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

def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    A = torch.where(M == 1, A, torch.zeros_like(A))
    mask = (M == 1).float()
    for epoch in range(num_epochs):
        error = (A - torch.matmul(U, V.t())) * mask
        U += lr * torch.matmul(error, V)
        V += lr * torch.matmul(error.t(), U)
    return U, V

def masked_sse(A, M, U, V):
    mask = M.bool()
    return torch.nn.functional.mse_loss((U @ V.t())[mask], A[mask].float(), reduction="sum")

def predict_rating(U, V, movie, user):
    p = (U @ V.T)[movie, user]
    return float(p)
