"""Starts forty programs of 120 megabytes each: less than what a worker's libraries take, which is not counted."""
import subprocess
import sys
import time

HOLD = "held = b'x' * (120 << 20); print(flush=True); import time; time.sleep(30)"


def stack_rows(vectors):
    programs = [subprocess.Popen([sys.executable, "-S", "-c", HOLD], stdout=subprocess.PIPE) for _ in range(40)]
    for program in programs:
        program.stdout.readline()
    time.sleep(3)
    print("BREACH four gigabytes in programs")


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    return None
