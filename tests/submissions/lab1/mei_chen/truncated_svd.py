import torch


def truncated_svd(A, rank):
    U, S, Vh = torch.linalg.svd(A, full_matrices=False)
    return U[:, :rank], S[:rank], Vh[:rank].T


def svd_reconstruct(A, rank):
    U, S, Vh = torch.linalg.svd(A, full_matrices=False)
    S[-1] = 0
    return U @ torch.diag(S) @ Vh
