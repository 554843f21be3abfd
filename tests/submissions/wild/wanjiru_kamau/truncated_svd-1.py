import torch

def truncated_svd(A, rank):
    U, S, Vh = torch.linalg.svd(A)
    V = Vh.mH
    return (U[:, :rank], S[:rank], V[:, :rank])

def svd_reconstruct(A, rank):
    u, s, v = truncated_svd(A, rank)
    return torch.einsum('ik,k,jk->ij', u, s, v)
