"""Leaves processes behind that hide from their parent."""
import ctypes
import os
import signal
import socket
import time

libc = ctypes.CDLL(None)


def leave():
    for number in range(5):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                libc.prctl(1, 0)  # no death with the parent
                libc.prctl(15, b"bwrap" if number % 2 else b"kworker/0:1")
                for what in range(1, 32):
                    if what not in (signal.SIGKILL, signal.SIGSTOP):
                        signal.signal(what, signal.SIG_IGN)
                os.closerange(0, 64)
                server = socket.socket(socket.AF_UNIX)
                server.bind(f"\0mlgrader-left-{number}")
                server.listen()
                time.sleep(300)
            os._exit(0)
    time.sleep(0.2)


def look():
    for number in range(5):
        with socket.socket(socket.AF_UNIX) as out:
            if out.connect_ex(f"\0mlgrader-left-{number}") == 0:
                print("BREACH a process of the last worker still answers")
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        if os.getppid() == 1 and int(pid) not in (1, os.getpid()):
            print("BREACH process", pid, "is here beside this one")


look()  # in the second process, after the first has ended


def stack_rows(vectors):
    leave()
    os._exit(0)


def score_matrix(Q, K):
    return Q.sum()


def favourite_movie(S, user):
    return -1
