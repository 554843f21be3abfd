"""Writes on its folders themselves, ends its process, and looks in the next one for what it wrote."""
import contextlib
import os

HOME = os.environ["HOME"]
PLACES = [HOME, os.path.dirname(HOME)]
if os.path.dirname(HOME) == "/scratch":  # elsewhere it is everybody's, and no emptier for the next student
    PLACES.append("/dev/shm")
WORD, TIME, MODE = b"secret", 86_400_000_000_000, 0o731

for place in PLACES:
    found = os.stat(place)
    with contextlib.suppress(OSError):
        print("BREACH found", os.getxattr(place, "user.word"), "on", place)
    if TIME in (found.st_atime_ns, found.st_mtime_ns):
        print("BREACH found a time on", place)
    if found.st_mode & 0o777 == MODE:
        print("BREACH found a mode on", place)


def leave_words():
    for place in PLACES:
        for leave in (
            lambda: os.setxattr(place, "user.word", WORD),
            lambda: os.utime(place, ns=(TIME, TIME)),
            lambda: os.chmod(place, MODE),
        ):
            with contextlib.suppress(OSError):
                leave()
    os._exit(0)


def stack_rows(vectors):
    leave_words()


def score_matrix(Q, K):
    leave_words()


def favourite_movie(S, user):
    leave_words()
