# Lab 1 - Ada Brix
import torch


def truncated_svd(A, rank):
    U, S, Vh = torch.linalg.svd(A, full_matrices=False)
    return U[:, :rank], S[:rank], Vh[:rank].T


def svd_reconstruct(A, rank):
    U, S, V = truncated_svd(A, rank)
    return (U * S) @ V.T
