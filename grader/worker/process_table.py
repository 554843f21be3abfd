"""What the zygote asks of the kernel: who is alive in its slot, how much memory they hold, and its own protection."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38


def of_this_user() -> list[int]:
    """Every process of the caller's user but the caller, as far as its PID namespace reaches."""
    me, user = os.getpid(), os.geteuid()
    pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    return [pid for pid in pids if pid != me and _number(pid, b"Uid:") == user]


def descendants(ancestor: int) -> list[int]:
    """Every process below ``ancestor``, for slots without a PID namespace of their own."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            children.setdefault(_number(int(name), b"PPid:"), []).append(int(name))
    found: list[int] = []
    waiting = [ancestor]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def private_bytes(pid: int) -> int:
    """Anonymous and shared memory of a process in bytes; 0 when it is gone."""
    total = 0
    for line in _status(pid):
        if line.startswith((b"RssAnon:", b"RssShmem:")):
            total += int(line.split()[1]) * 1024
    return total


def guard_self(*, uid: int | None) -> None:
    """Become unprivileged (``uid``, when started as root), unreadable to workers, and gone when our parent is.

    Workers run under the same uid: a dumpable zygote would let them open its memory.
    """
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    prctl(_PR_SET_DUMPABLE, 0)
    die_with_parent()
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def prctl(option: int, value: int) -> None:
    """Set one of the attributes that the kernel keeps of this process; raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl({option}): {os.strerror(code)}")


def _number(pid: int, field: bytes) -> int:
    """The first number of a field of /proc/PID/status; -1 when the process is gone."""
    return next((int(line.split()[1]) for line in _status(pid) if line.startswith(field)), -1)


def _status(pid: int) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/status", "rb") as status:
            return status.readlines()
    except OSError:
        return []
