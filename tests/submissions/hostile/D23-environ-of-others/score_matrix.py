"""Reads the environment, the arguments and the memory of every process it can see."""
import os
import re

import torch

for pid in sorted(filter(str.isdecimal, os.listdir("/proc")), key=int):
    if int(pid) == os.getpid():
        continue
    for name in ("environ", "mem", "maps", "auxv", "pagemap", "io", "stack", "syscall"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                found = file.read(1 << 16) if name not in ("mem", "pagemap") else b"opened"
        except OSError:
            continue
        if found:
            print("BREACH can read", name, "of process", pid)
        for secret in re.findall(rb"SENTINEL-\w+", found):
            print("found", secret.decode())
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            for secret in re.findall(rb"SENTINEL-\w+", file.read()):
                print("found", secret.decode())
        os.listdir(f"/proc/{pid}/fd")
        print("BREACH lists the descriptors of", pid)
    except OSError:
        pass


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
