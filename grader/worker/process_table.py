"""Ask the kernel which processes are alive, and how much memory and CPU time they use; protect the zygote."""

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
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100  # Windows has none, and runs only practice
_NANOSECONDS = 1e9
_BYTES_OF_A_MAPPING = 256  # vm_area_struct, and its place in the tree of a process
_MOST_MAPPINGS = 65_530  # Linux's default for one process (vm.max_map_count)
_COUNT_EVERY_SECONDS, _COUNT_SECONDS = 0.2, 0.01
_BYTES_OF_A_SOCKET = 212_992  # Linux's default for what a socket may hold (net.core.wmem_default)


def of_this_user() -> list[int]:
    """Return all processes of the caller's user in its PID namespace, except the caller."""
    me, user = os.getpid(), os.geteuid()
    pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    return [pid for pid in pids if pid != me and _number(pid, b"Uid:") == user]


def descendants(ancestor: int) -> list[int]:
    """Return all processes below ``ancestor``: its children, their children, and so on."""
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
    total = 0
    for line in _status(pid):
        if line.startswith((b"RssAnon:", b"RssShmem:", b"VmSwap:", b"VmPTE:")):
            total += int(line.split()[1]) * 1024
    return total


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process has had at once, without the files it maps now; 0 if it is gone."""
    return max(0, _number(pid, b"VmHWM:") - max(0, _number(pid, b"RssFile:"))) * 1024


def _page_table_bytes(pid: int) -> int:
    return max(0, _number(pid, b"VmPTE:")) * 1024


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
    return max(0, _number(pid, b"Threads:"))


def tasks_of_this_user() -> int:
    """Return how many threads all processes of the caller's user have, which is what RLIMIT_NPROC counts."""
    return threads(os.getpid()) + sum(map(threads, of_this_user()))


def bytes_of_sockets() -> int:
    """Return how many bytes of kernel memory the UNIX sockets of this network namespace can hold at most."""
    each = _BYTES_OF_A_SOCKET
    with contextlib.suppress(OSError), open("/proc/sys/net/core/wmem_default", "rb") as default:
        each = int(default.read())  # older kernels do not show it inside a network namespace
    with open("/proc/net/unix", "rb") as table:
        return (len(table.readlines()) - 1) * each


def cpu_seconds(pid: int, *, children: bool = False) -> float:
    """Return the CPU time of a process and its threads, perhaps with its ``children`` that ended; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if children else 13])) / _TICKS


def seconds_waited(pid: int) -> dict[int, float]:
    """Return for how long each thread of a process wanted a core and had none; nothing if the kernel does not count."""
    waited = {}
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/schedstat", "rb") as file:
                waited[int(thread)] = int(file.read().split()[1]) / _NANOSECONDS
    return waited


def _mappings(pid: int) -> int:
    """Return into how many pieces the address space of a process is mapped; as many as can be if it hides them."""
    try:
        with open(f"/proc/{pid}/maps", "rb") as maps:
            return sum(1 for _ in maps)
    except PermissionError:
        return _MOST_MAPPINGS
    except OSError:  # it is gone
        return 0


class MappingMemory:
    """Measures the kernel memory of mappings, which no process is charged for: a process may have 65,530 of them.

    To count them takes up to a twentieth of a second for one process, so a few processes are counted at a time.
    """

    def __init__(self, base: int) -> None:
        self._base_count = _mappings(base)  # every fork of it has these as well
        self._counts: dict[int, int] = {}
        self._waiting: list[int] = []
        self._looked = 0.0

    def bytes_of(self, pids: Collection[int]) -> int:
        """Return the bytes for the mappings of ``pids``, as last counted."""
        now = time.monotonic()
        if now - self._looked >= _COUNT_EVERY_SECONDS:
            self._looked = now
            self._waiting = [pid for pid in self._waiting if pid in pids] or list(pids)
            self._counts = {pid: count for pid, count in self._counts.items() if pid in pids}
            while self._waiting and time.monotonic() - now < _COUNT_SECONDS:
                pid = self._waiting.pop()
                self._counts[pid] = max(0, _mappings(pid) - self._base_count)
        return sum(self._counts.get(pid, 0) for pid in pids) * _BYTES_OF_A_MAPPING


class CpuShare:
    """Measures how much more CPU time the processes of a worker use than ``cores`` cores can give.

    rlimits cannot: they are per process, start again with every fork, and warn with a signal that a process may ignore.
    """

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._seen: dict[int, float] = {}
        self._ahead = 0.0
        self._looked = time.monotonic()

    def seconds_ahead(self, pids: Collection[int]) -> float:
        """Return the CPU seconds that ``pids`` have used beyond their cores' share of the time since the start."""
        now, spent = time.monotonic(), {pid: cpu_seconds(pid) for pid in pids}
        before = {pid: self._seen.get(pid, 0.0) for pid in spent}
        # If it is less than before, another process has this number by now.
        taken = sum(seconds - before[pid] * (before[pid] <= seconds) for pid, seconds in spent.items())
        self._ahead = max(0.0, self._ahead + taken - self._cores * (now - self._looked))
        self._seen, self._looked = spent, now
        return self._ahead


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


def _number(pid: int, field: bytes) -> int:
    """Return the first number of a field of /proc/PID/status; -1 if the process is gone."""
    return next((int(line.split()[1]) for line in _status(pid) if line.startswith(field)), -1)


def _status(pid: int) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/status", "rb") as status:
            return status.readlines()
    except OSError:
        return []
