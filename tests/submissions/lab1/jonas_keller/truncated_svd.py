import numpy as np


def truncated_svd(A, rank):
    u, s, vh = np.linalg.svd(np.array(A), full_matrices=False)
    return [u[:, :rank].tolist(), s[:rank].tolist(), vh[:rank].T.tolist()]


def svd_reconstruct(A, rank):
    u, s, v = (np.array(x) for x in truncated_svd(A, rank))
    return str(u @ np.diag(s) @ v.T)
