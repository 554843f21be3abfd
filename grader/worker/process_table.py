"""Ask the kernel which processes are alive, and how much memory and CPU time they use; protect the zygote."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100  # Windows has none, and runs only practice
_NANOSECONDS = 1e9
_LONGEST_FIELD = 64  # characters, up to its first number


def of_this_user() -> list[int]:
    """Return all processes of the caller's user in its PID namespace, except the caller."""
    me, user = os.getpid(), os.geteuid()
    pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    return [pid for pid in pids if pid != me and _number(pid, b"Uid") == user]


def descendants(ancestor: int) -> list[int]:
    """Return all processes below ``ancestor``: its children, their children, and so on."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            children.setdefault(_number(int(name), b"PPid"), []).append(int(name))
    found: list[int] = []
    waiting = [ancestor]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def descendants_listed(ancestor: int) -> list[int]:
    """Return the same from the kernel's lists of children, without a look at every process of the machine.

    It may miss a process whose parent ends just then, so it is good for a figure and not for a limit.
    """
    found, waiting = list[int](), [ancestor]
    try:
        while waiting:
            below = _children(waiting.pop())
            found += below
            waiting += below
    except OSError:  # one has ended meanwhile, or the kernel keeps no such lists
        return descendants(ancestor)
    return found


def _children(pid: int) -> list[int]:
    """Return the processes that the threads of a process started; raises OSError if it is gone."""
    found = list[int]()
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/children", "rb") as children:
            found += map(int, children.read().split())
    return found


def private_bytes(pid: int) -> int:
    """Return the anonymous, shared and swapped memory of a process and its page tables, in bytes; 0 if it is gone."""
    return private_bytes_of(_status(pid))


def private_bytes_of(status: bytes) -> int:
    """Return the same from what /proc/PID/status says."""
    return sum(max(0, field_of(status, name)) for name in (b"RssAnon", b"RssShmem", b"VmSwap", b"VmPTE")) * 1024


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process has had at once, without the files it maps now; 0 if it is gone."""
    return max(0, _number(pid, b"VmHWM") - max(0, _number(pid, b"RssFile"))) * 1024


def _page_table_bytes(pid: int) -> int:
    return max(0, _number(pid, b"VmPTE")) * 1024


def proportional_bytes(pid: int) -> int:
    """Return the same as ``private_bytes``, but divide each shared page among the processes that share it.

    A process that does not let us look is charged for all its pages: it has no good reason to forbid it.
    """
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as rollup:
            lines = rollup.readlines()
    except OSError:
        return private_bytes(pid)
    shares = [int(line.split()[1]) for line in lines if line.startswith((b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:"))]
    if len(shares) < 3:  # older kernels do not list these kinds
        return private_bytes(pid)
    return sum(shares) * 1024 + _page_table_bytes(pid)


def threads(pid: int) -> int:
    """Return how many threads a process has; 0 if it is gone."""
    return max(0, _number(pid, b"Threads"))


def tasks_of_this_user() -> int:
    """Return how many threads all processes of the caller's user have, which is what RLIMIT_NPROC counts."""
    return threads(os.getpid()) + sum(map(threads, of_this_user()))


def cpu_seconds(pid: int, *, children: bool = False) -> float:
    """Return the CPU time of a process and its threads, perhaps with its ``children`` that ended; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return cpu_seconds_of(file.read(), children=children)
    except OSError:
        return 0.0


def cpu_seconds_of(stat: bytes, *, children: bool = False) -> float:
    """Return the same from what /proc/PID/stat says."""
    fields = stat.rpartition(b")")[2].split()
    return sum(map(int, fields[11 : 15 if children else 13])) / _TICKS


def seconds_waited(pid: int) -> dict[int, float]:
    """Return for how long each thread of a process wanted a core and had none; nothing if the kernel does not count."""
    waited = {}
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/schedstat", "rb") as file:
                waited[int(thread)] = int(file.read().split()[1]) / _NANOSECONDS
    return waited


def guard_self(*, uid: int | None) -> None:
    """Become the user ``uid`` (when started as root), unreadable for workers.

    Workers have the same user id, so they could open the memory of a zygote that is dumpable. Raises OSError.
    """
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    prctl(_PR_SET_DUMPABLE, 0)
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def let_itself_be_counted() -> None:
    """Let the zygote, a process of the same user, see which pages this worker shares with it."""
    prctl(_PR_SET_DUMPABLE, 1)


def go_first_when_memory_ends() -> None:
    """Have the kernel kill this process first when memory runs out, not the zygote or the grader."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="utf-8") as file:
        file.write("1000")


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def prctl(option: int, value: int) -> None:
    """Set one attribute of this process (prctl(2)); raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl({option}): {os.strerror(code)}")


def field_of(status: bytes, name: bytes) -> int:
    """Return the first number of a field of what /proc/PID/status says; -1 if there is none.

    A process may call itself like a field, but never has a line break in its name.
    """
    start = status.find(b"\n" + name + b":")
    return -1 if start < 0 else int(status[start + 1 : start + _LONGEST_FIELD].split()[1])


def _number(pid: int, field: bytes) -> int:
    """Return the first number of a field of /proc/PID/status; -1 if the process is gone."""
    return field_of(_status(pid), field)


def _status(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/status", "rb") as status:
            return status.read()
    except OSError:
        return b""
