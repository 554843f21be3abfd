import torch


def truncated_svd(A, rank):
    U, S, Vh = torch.linalg.svd(A)
    return U[:, :rank], S[:rank], Vh.T[:, :rank]


def svd_reconstruct(A, rank):
    U, S, V = truncated_svd(A, rank)
    return (U * S) @ V.T
