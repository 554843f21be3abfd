"""Returns a million objects, each of which would have to be kept and named."""


class Thing:
    pass


def stack_rows(vectors):
    return [Thing() for _ in range(1_000_000)]


def score_matrix(Q, K):
    return {number: Thing() for number in range(300_000)}


def favourite_movie(S, user):
    return tuple(object() for _ in range(60_000))
