"""Wrong answers; the configuration files beside it would load a plugin and deselect every test."""


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
