"""Reads the memory and takes the descriptors of its parent."""
import ctypes
import os
import platform

import torch

libc = ctypes.CDLL(None, use_errno=True)
PARENT = os.getppid()


def call(x86, arm, *arguments):
    number = x86 if platform.machine() == "x86_64" else arm
    return libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))


class Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


buffer = ctypes.create_string_buffer(64)
here, there = Vector(ctypes.addressof(buffer), 64), Vector(id(torch), 64)
if call(310, 270, PARENT, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:
    print("BREACH reads its parent's memory")
if call(310, 270, os.getpid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:
    print("BREACH process_vm_readv is allowed")
try:
    handle = os.pidfd_open(PARENT)
    for descriptor in range(10):
        if call(438, 438, handle, descriptor, 0) >= 0:
            print("BREACH took descriptor", descriptor, "of its parent")
except OSError:
    pass
if call(312, 272, PARENT, os.getpid(), 0, 0, 0) >= 0:
    print("BREACH kcmp is allowed")


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
