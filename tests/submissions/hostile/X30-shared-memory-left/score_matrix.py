"""Leaves shared memory of every kind behind."""
import ctypes
import os

libc = ctypes.CDLL(None)
KEY = 0x6D6C67


def leave():
    with open("/dev/shm/mlgrader-left", "w") as file:
        file.write("for the next")
    if libc.shmget(KEY, 4096, 0o1666) >= 0:
        print("BREACH made a System V segment", flush=True)
        libc.shmctl(libc.shmget(KEY, 4096, 0), 0, None)
    if libc.semget(KEY, 1, 0o1666) >= 0 or libc.msgget(KEY, 0o1666) >= 0:
        print("BREACH made a System V semaphore or queue", flush=True)
    if libc.syscall(240, b"mlgrader-left", 0o102, 0o666, None) >= 0:
        print("BREACH made a message queue", flush=True)


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
