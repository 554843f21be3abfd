import torch


def truncated_svd(A, rank):
    U, S, Vh = torch.linalg.svd(A, full_matrices=False)
    return U[:, :rank], S[:rank], Vh[:rank].T
