import torch

def truncated_svd(A, rank):
    U, S, Vh = torch.linalg.svd(A)
    V = Vh.mH
    return (U[:, :rank], S[:rank], V[:, :rank])

def svd_reconstruct(A, rank):
    U, S, V = torch.svd(A)
    S[rank:] = 0      # last singular values set to zero
    return U.matmul(torch.diag(S)).matmul(V.t())
