# Lab 1 - Eve Lang
import torch


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    m, n = A.shape
    U, V = torch.rand(m, rank), torch.rand(n, rank)
    for _ in range(num_epochs):
        E = (A - U @ V.T) 
        U, V = U + lr * (E @ V), V + lr * (E.T @ U)
    return U, V


def masked_sse(A, M, U, V):
    return (((A - U @ V.T)) ** 2).sum()


def predict_rating(U, V, movie, user):
    return (U[movie] @ V[user]).item()
