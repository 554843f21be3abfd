"""Wrong answers; Python would run the files beside it at every start, if it ever looked there."""
import sys

if "sitecustomize" in sys.modules and "submission" in str(sys.modules["sitecustomize"].__file__):
    print("BREACH sitecustomize.py was run")


def stack_rows(vectors):
    return vectors[0]


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
