"""Tries to reach into the process that started this one."""
import os

import torch

parent = os.getppid()
for name in ("mem", "root", "cwd", "exe", "fd/0", "fd/3", "ns/net", "ns/mnt", "task", "map_files", "clear_refs"):
    path = f"/proc/{parent}/{name}"
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        continue
    if name != "task":
        print("BREACH opened", path)
for name in ("mem", "oom_score_adj", "comm", "coredump_filter", "attr/current", "timerslack_ns"):
    try:
        os.close(os.open(f"/proc/{parent}/{name}", os.O_WRONLY))
        print("BREACH may write", name, "of its parent")
    except OSError:
        pass


def stack_rows(vectors):
    return torch.stack(vectors)


def score_matrix(Q, K):
    return Q @ K.T


def favourite_movie(S, user):
    return int(S[user].argmax())
