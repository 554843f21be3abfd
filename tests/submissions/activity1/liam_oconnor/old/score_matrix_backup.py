# first try, does not work
def score_matrix(Q, K):
    return Q * K
