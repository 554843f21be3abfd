import torch
def truncated_svd(A, rank):
    u, s, vh = torch.linalg.svd(A, full_matrices=False)
    # keep only the biggest singular values
    return u[:, 0:rank], s[0:rank], vh.T[:, 0:rank]
def svd_reconstruct(A, rank):
    u, s, v = truncated_svd(A, rank)
    return torch.einsum('ik,k,jk->ij', u, s, v)
