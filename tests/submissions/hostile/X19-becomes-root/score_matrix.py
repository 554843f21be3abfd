"""Tries to become somebody else."""
import ctypes
import os
import platform

import torch

libc = ctypes.CDLL(None, use_errno=True)
PARENT = os.getppid()


def call(x86, arm, *arguments):
    number = x86 if platform.machine() == "x86_64" else arm
    return libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))


before = os.getresuid(), os.getresgid(), os.getgroups()
for try_it in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.seteuid(1000)):
    pid = os.fork()
    if pid == 0:
        try:
            try_it()
        except OSError:
            os._exit(1)
        os._exit(0 if (os.getresuid(), os.getresgid(), os.getgroups()) != before else 1)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
        print("BREACH became somebody else")
for line in open("/proc/self/status"):
    if line.startswith(("CapEff", "CapPrm", "CapAmb")) and int(line.split()[1], 16):
        print("BREACH has capabilities:", line.strip())
    if line.startswith("NoNewPrivs") and line.split()[1] != "1":
        print("BREACH setuid programs work")
if os.geteuid() == 0:
    print("BREACH runs as root")


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
