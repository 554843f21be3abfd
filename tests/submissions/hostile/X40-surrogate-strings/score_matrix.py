"""Returns strings that no JSON, no file and no terminal can hold."""


def stack_rows(vectors):
    return "\ud800" * 10


def score_matrix(Q, K):
    print("\udcff \ud83d half")
    raise ValueError("\udfff" + "\0" * 5)


def favourite_movie(S, user):
    return ["\ud83d", "\0", "x" * 1_000_000]
