"""Raises exceptions that would fill a report with megabytes."""


def stack_rows(vectors):
    raise ValueError("long " * 1_000_000)


def score_matrix(Q, K):
    error = ValueError("x")
    for number in range(10_000):
        error.add_note(f"note {number} " * 20)
    raise error


def favourite_movie(S, user):
    return favourite_movie(S, user)
