"""Says that nothing is written yet: what is not counted cannot be wrong."""


def stack_rows(vectors):
    raise NotImplementedError


def score_matrix(Q, K):
    raise NotImplementedError("coming soon")


def favourite_movie(S, user):
    raise NotImplementedError
