import torch

import sgd


def errors(A, M, U, V):
    return torch.where(M.bool(), A - U @ V.T, 0.0)


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    U, V = sgd.random_factors(A, rank)
    for _ in range(num_epochs):
        E = errors(A, M, U, V)
        step_u, step_v = E @ V, E.T @ U
        U += lr * step_u
        V += lr * step_v
    return U, V


def masked_sse(A, M, U, V):
    return errors(A, M, U, V).square().sum()


def predict_rating(U, V, movie, user):
    return float(U[movie] @ V[user])
