"""Does nothing: hands the inputs back."""


def stack_rows(vectors):
    return vectors


def score_matrix(Q, K):
    return Q


def favourite_movie(S, user):
    return None
