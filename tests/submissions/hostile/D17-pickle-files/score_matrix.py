"""Wrong answers; the files beside it run a command in whoever loads them."""


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
