"""Ends the interpreter the hard way."""
import ctypes
import sys
import threading


def stack_rows(vectors):
    ctypes.string_at(0)


def score_matrix(Q, K):
    sys.setrecursionlimit(10**9)
    threading.stack_size(64 << 20)
    return score_matrix(Q, K)


def favourite_movie(S, user):
    ctypes.CDLL(None).abort()
