"""Raises exceptions that no formatter has an easy time with."""


def stack_rows(vectors):
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__context__ = second, first
    raise first


def score_matrix(Q, K):
    group = ExceptionGroup("deep", [ValueError("x")])
    for _ in range(900):
        group = ExceptionGroup("deep", [group, ValueError("y" * 1000)])
    raise group


class Odd(BaseException):
    __traceback__ = None
    __notes__ = 7
    args = property(lambda self: 1 / 0)


def favourite_movie(S, user):
    raise Odd
