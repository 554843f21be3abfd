"""Entry points whose signature is code: read by importing, it would run in the judge."""
import sys


def side_effect(name):
    if "pytest" in sys.modules:
        print("BREACH evaluated by the judge:", name)
        open("/tmp/mlgrader-breach-signature", "w").close()
    return name


def stack_rows(vectors: side_effect("annotation") = side_effect("default")) -> side_effect("result"):
    return vectors[0]


class Signed:
    __signature__ = property(lambda self: side_effect("signature"))

    def __call__(self, Q, K):
        return Q.sum()


score_matrix = Signed()


def favourite_movie(S, user, *, __class__=side_effect("keyword")):
    return -1
