import torch


def truncated_svd(A, rank):
    u, s, vh = torch.linalg.svd(A, full_matrices=False)
    return u[:, :rank], s[:rank], vh[:rank].mT


def svd_reconstruct(A, rank):
    u, s, v = truncated_svd(A, rank)
    return torch.einsum("ik,k,jk->ij", u, s, v)
