from collections import namedtuple

BiasedMF = namedtuple("BiasedMF", "mu bu bi P Q losses")


def score(mu, bu, bi, P, Q):
    return mu + bu + bi.T + P @ Q.T
