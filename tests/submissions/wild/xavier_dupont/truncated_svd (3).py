import torch
def truncated_svd(A, rank):
    U, S, V = torch.svd(A)
    return U[:, :rank], S[:rank], V[:, :rank]
def svd_reconstruct(A, rank):
    U, S, V = truncated_svd(A, rank)
    return U @ torch.diag(S) @ V.T
