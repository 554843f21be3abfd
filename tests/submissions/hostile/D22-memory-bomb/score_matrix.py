"""Takes memory until there is no more."""


def stack_rows(vectors):
    taken = [bytearray(b"x" * (64 << 20)) for _ in range(40)]
    print("BREACH holds", sum(map(len, taken)) >> 20, "MiB")


def score_matrix(Q, K):
    return Q.new_ones(40, 64 << 20)


def favourite_movie(S, user):
    return -1
