import torch


def truncated_svd(A, rank):
    U, S, Vh = torch.linalg.svd(A, full_matrices=False)
    us, ss, vs = [], [], []
    for k in range(1, rank + 2):
        us.append(U[:, k])
        ss.append(S[k])
        vs.append(Vh[k])
    return torch.stack(us, 1), torch.stack(ss), torch.stack(vs, 1)


def svd_reconstruct(A, rank):
    U, S, V = truncated_svd(A, rank)
    return U @ torch.diag(S) @ V.T
