import torch
import numpy as np
import matplotlib.pyplot as plt
import os
import urllib.request
from tqdm import tqdm

if not os.path.exists('ratings.pt'):
    urllib.request.urlretrieve('http://comp.example.ac.uk/ratings.pt', 'ratings.pt')

def sgd_factorise(A, rank, num_epochs=1000, lr=0.01):
    m, n = A.shape
    U = torch.rand(m, rank)
    V = torch.rand(n, rank)
    for epoch in tqdm(range(num_epochs)):
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
    U, S, V = torch.svd(A)
    S[rank:] = 0      # last singular values set to zero
    return U.matmul(torch.diag(S)).matmul(V.t())

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

ratings = torch.load('ratings.pt')
print(ratings.shape)

def gd_factorise_mask(A, M, rank, num_epochs=1000, lr=1e-5):
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

U, V = gd_factorise_mask(ratings, ratings > 0, 5)
plt.plot(U[:, 0])
plt.show()
