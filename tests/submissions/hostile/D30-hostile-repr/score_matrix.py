"""Returns and raises objects whose words lie or never end."""
import time


class Liar:
    def __repr__(self):
        return "tensor([[4., 1., 4., 3.]])"

    __str__ = __repr__


class Endless(Exception):
    def __str__(self):
        time.sleep(1000)

    __repr__ = __str__


class Crasher(Exception):
    def __str__(self):
        raise RuntimeError("no words")

    __repr__ = __str__


def stack_rows(vectors):
    return Liar()


def score_matrix(Q, K):
    raise Crasher


def favourite_movie(S, user):
    raise Endless
