"""Leaves shared memory of every kind behind."""
import ctypes
import os

libc, librt = ctypes.CDLL(None), ctypes.CDLL("librt.so.1")
KEY = 0x6D6C67


def leave():
    with open("/dev/shm/mlgrader-left", "w") as file:
        file.write("for the next")
    for name, make, remove in (
        ("memory segment", lambda: libc.shmget(KEY, 4096, 0o1666), lambda it: libc.shmctl(it, 0, None)),
        ("semaphore", lambda: libc.semget(KEY, 1, 0o1666), lambda it: libc.semctl(it, 0, 0)),
        ("queue", lambda: libc.msgget(KEY, 0o1666), lambda it: libc.msgctl(it, 0, None)),
        ("named queue", lambda: librt.mq_open(b"/mlgrader-left", 0o102, 0o666, None), lambda it: librt.mq_unlink(b"/mlgrader-left")),
    ):
        made = make()
        if made >= 0:
            print("BREACH made a", name, "that outlives its process", flush=True)
            remove(made)


def look():
    if os.path.exists("/dev/shm/mlgrader-left"):
        print("BREACH shared memory of the last process is still here")
        os.unlink("/dev/shm/mlgrader-left")


look()  # in the second process, after the first has ended


def stack_rows(vectors):
    leave()
    os._exit(0)


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
