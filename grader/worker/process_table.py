"""What the zygote asks of the kernel: who is alive in its slot, what memory and time they took, its own protection."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Collection

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_TICKS = os.sysconf("SC_CLK_TCK")
_BYTES_OF_A_SOCKET = 212_992  # Linux's default for what a socket may hold (net.core.wmem_default)


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
    """Anonymous, shared and swapped memory of a process with its page tables, in bytes; 0 when it is gone."""
    total = 0
    for line in _status(pid):
        if line.startswith((b"RssAnon:", b"RssShmem:", b"VmSwap:", b"VmPTE:")):
            total += int(line.split()[1]) * 1024
    return total


def _page_table_bytes(pid: int) -> int:
    return max(0, _number(pid, b"VmPTE:")) * 1024


def proportional_bytes(pid: int) -> int:
    """As ``private_bytes``, but of each page that several processes share only its share of it.

    Of a process that does not let us look all pages count: it can have had no good reason to forbid it.
    """
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as rollup:
            lines = rollup.readlines()
    except OSError:
        return private_bytes(pid)
    shares = [int(line.split()[1]) for line in lines if line.startswith((b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:"))]
    if len(shares) < 3:  # older kernels do not tell these kinds apart
        return private_bytes(pid)
    return sum(shares) * 1024 + _page_table_bytes(pid)


def threads(pid: int) -> int:
    """How many threads a process has; 0 when it is gone."""
    return max(0, _number(pid, b"Threads:"))


def tasks_of_this_user() -> int:
    """How many threads all processes of the caller's user have: what RLIMIT_NPROC counts."""
    return threads(os.getpid()) + sum(map(threads, of_this_user()))


def bytes_of_sockets() -> int:
    """The most that the UNIX sockets of this network namespace can hold, in memory of the kernel's."""
    each = _BYTES_OF_A_SOCKET
    with contextlib.suppress(OSError), open("/proc/sys/net/core/wmem_default", "rb") as default:
        each = int(default.read())  # older kernels show it outside of network namespaces alone
    with open("/proc/net/unix", "rb") as table:
        return (len(table.readlines()) - 1) * each


def cpu_seconds(pid: int) -> float:
    """CPU time of a process with all its threads, without that of its children; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


class CpuShare:
    """How far the processes of a worker are ahead of ``cores`` that compute all the time.

    rlimits are per process, begin anew with every fork, and warn by a signal that can be ignored.
    """

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._seen: dict[int, float] = {}
        self._ahead = 0.0
        self._looked = time.monotonic()

    def seconds_ahead(self, pids: Collection[int]) -> float:
        """CPU seconds that ``pids`` took since this was made, beyond their share of the time that has passed."""
        now, spent = time.monotonic(), {pid: cpu_seconds(pid) for pid in pids}
        before = {pid: self._seen.get(pid, 0.0) for pid in spent}
        # Where it is less than before, the number belongs to another process by now.
        taken = sum(seconds - before[pid] * (before[pid] <= seconds) for pid, seconds in spent.items())
        self._ahead = max(0.0, self._ahead + taken - self._cores * (now - self._looked))
        self._seen, self._looked = spent, now
        return self._ahead


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


def let_itself_be_counted() -> None:
    """Let the zygote see which pages a worker shares with it, as a process of the same user may of another."""
    prctl(_PR_SET_DUMPABLE, 1)


def go_first_when_memory_ends() -> None:
    """Have the kernel, where it ends a process for want of memory, end this one and not the zygote or the grader."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


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
