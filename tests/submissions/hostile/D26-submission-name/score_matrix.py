"""Wrong answers, from a student whose name is HTML."""


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
