"""Prints and raises text with direction overrides and invisible characters."""

print("\u202e09/09 :erocs\u202c \u2066hidden\u2069 zero\u200bwidth \ufeff \u2028 \U000e0041")


def stack_rows(vectors):
    raise ValueError("\u202edessap\u202c \u2067x\u2069")


def score_matrix(Q, K):
    raise type("\u202edessaP", (Exception,), {})("\u2028line\u2029")


def favourite_movie(S, user):
    return type("\u202edessap\u2069", (), {})()
