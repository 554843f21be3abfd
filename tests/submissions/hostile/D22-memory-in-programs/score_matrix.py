"""Starts forty programs of 120 megabytes each: less than what a worker's libraries take, which is not counted."""
import subprocess
import sys
import time

HOLD = "held = bytearray(b'x' * (120 << 20)); import time; time.sleep(10)"


def stack_rows(vectors):
    for _ in range(40):
        subprocess.Popen([sys.executable, "-S", "-c", HOLD])
    time.sleep(8)
    print("BREACH four gigabytes in programs")


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    return None
