import torch


def score_matrix(Q, K):
    return Q @ K.T
