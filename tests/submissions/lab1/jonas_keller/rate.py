import numpy as np


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    A, M = np.array(A), np.array(M)
    U = np.random.rand(A.shape[0], rank)
    V = np.random.rand(A.shape[1], rank)
    for _ in range(num_epochs):
        E = (A - U @ V.T) * M
        U, V = U + lr * E @ V, V + lr * E.T @ U
    return U, V


def masked_sse(A, M, U, V):
    E = (np.array(A) - np.array(U) @ np.array(V).T) * np.array(M)
    return float(np.sum(E**2))


def predict_rating(U, V, movie, user):
    return float(np.array(U[movie]) @ np.array(V[user]))
