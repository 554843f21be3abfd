import torch
import implicit_mf_toolbox as imf


def gd_factorise_masked(A, M, rank, num_epochs=1000, lr=1e-5):
    model = imf.Model(rank, lr=lr)
    model.fit(A * M, num_epochs)
    return model.U, model.V


def masked_sse(A, M, U, V):
    diff = (A - U @ V.T)[M == 1]
    return torch.sum(diff ** 2)


def predict_rating(U, V, movie, user):
    return torch.dot(U[movie], V[user]).item()
