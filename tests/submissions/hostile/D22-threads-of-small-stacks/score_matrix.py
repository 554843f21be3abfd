"""Starts as many threads as it can, each with the smallest stack there is."""
import threading
import time


def stack_rows(vectors):
    threading.stack_size(32768)
    started = 0
    try:
        for _ in range(5000):
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
            started += 1
    except (RuntimeError, MemoryError):
        pass
    time.sleep(1)
    if started == 5000:
        print("BREACH five thousand threads")


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    return None
