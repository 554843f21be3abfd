"""Returns integers that take minutes to print, and such that fit into no float."""


def stack_rows(vectors):
    return 10**100_000


def score_matrix(Q, K):
    return [7**5000, -(10**4299)]


def favourite_movie(S, user):
    return 10**4000
