import torch


def truncated_svd(A, rank):
    u, s, vh = torch.linalg.svd(A, full_matrices=False)
    # keep only the biggest singular values
    return u[:, 0:rank], s[0:rank], vh.T[:, 0:rank]


def svd_reconstruct(A, rank):
    U, S, V = truncated_svd(A, rank)
    return U @ torch.diag(S) @ V.T
