"""Ask the kernel what all processes of a worker use together.

The zygote asks every 40 ms, so it must cost little. The files of a process in /proc stay open from one look to the
next: to find one takes as long as to read it.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from . import process_table

_MOST_BYTES = 1 << 14  # that are read at a time; /proc/PID/status has fewer
_BYTES_OF_A_MAPPING = 256  # vm_area_struct, and its place in the tree of a process
_MOST_MAPPINGS = 65_530  # Linux's default for one process (vm.max_map_count)
_COUNT_EVERY_SECONDS, _COUNT_SECONDS = 0.2, 0.01
_BYTES_OF_A_SOCKET = 212_992  # Linux's default for what a socket may hold (net.core.wmem_default)


class Usage(NamedTuple):
    """What one process has at the moment; the bytes as `process_table.private_bytes` counts them."""

    threads: int
    private_bytes: int
    cpu_seconds: float


class Processes:
    """All processes of a worker."""

    def __init__(self, list_all: Callable[[], list[int]], *, private: bool) -> None:
        """``list_all`` returns their numbers; ``private`` says that they are in a PID namespace with its own /proc."""
        self._list_all = list_all
        self._private = private
        self._load = os.open("/proc/loadavg", os.O_RDONLY) if private else -1
        self._is_told = False
        self._newest = -1
        self._pids: list[int] = []
        self._files: dict[int, tuple[int, int]] = {}

    def begin(self, worker: int) -> None:
        """Take note of a new worker, which was forked just now."""
        self._is_told = self._private and self._newest_pid() >= worker  # not every kernel keeps count
        self._newest, self._pids = -1, []
        self._close(self._files.keys())

    def numbers(self) -> Sequence[int]:
        """Return the number of each process; some may have ended since the last one was started."""
        newest = self._newest_pid() if self._is_told else -1  # before they are listed
        if newest < 0 or newest != self._newest:
            self._newest, self._pids = newest, self._list_all()
        return self._pids

    def usage(self, pids: Collection[int]) -> dict[int, Usage]:
        """Return what each of these processes has; those that have ended are left out."""
        self._close(self._files.keys() - pids)
        used = {pid: self._usage_of(pid) for pid in pids}
        return {pid: usage for pid, usage in used.items() if usage}

    def _newest_pid(self) -> int:
        """Return the number of the process or thread that was started last in this PID namespace."""
        return int(os.pread(self._load, _MOST_BYTES, 0).split()[-1])

    def _usage_of(self, pid: int) -> Usage | None:
        try:
            status, stat = self._read(pid)
        except OSError:
            self._close(self._files.keys() & {pid})
            try:
                status, stat = self._read(pid)  # another process has its number by now
            except OSError:  # it is gone
                return None
        return Usage(
            process_table.field_of(status, b"Threads"),
            process_table.private_bytes_of(status),
            process_table.cpu_seconds_of(stat),
        )

    def _read(self, pid: int) -> tuple[bytes, bytes]:
        if pid not in self._files:
            self._files[pid] = _opened(pid)
        status, stat = self._files[pid]
        return os.pread(status, _MOST_BYTES, 0), os.pread(stat, _MOST_BYTES, 0)

    def _close(self, pids: Collection[int]) -> None:
        for pid in list(pids):
            for file in self._files.pop(pid):
                os.close(file)


def _opened(pid: int) -> tuple[int, int]:
    status = os.open(f"/proc/{pid}/status", os.O_RDONLY)
    try:
        return status, os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        os.close(status)
        raise


class SocketMemory:
    """Measures the kernel memory that the UNIX sockets of this network namespace can hold at most.

    Raises OSError if this kernel does not list them.
    """

    def __init__(self) -> None:
        self._table = os.open("/proc/net/unix", os.O_RDONLY)
        self._each = _BYTES_OF_A_SOCKET
        with contextlib.suppress(OSError), open("/proc/sys/net/core/wmem_default", "rb") as default:
            self._each = int(default.read())  # older kernels do not show it inside a network namespace

    def bytes(self) -> int:
        """Return how many bytes that are now."""
        position = lines = 0
        while piece := os.pread(self._table, _MOST_BYTES, position):
            position, lines = position + len(piece), lines + piece.count(b"\n")
        return (lines - 1) * self._each


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
        self._seen: Mapping[int, float] = {}
        self._ahead = 0.0
        self._looked = time.monotonic()

    def seconds_ahead(self, spent: Mapping[int, float]) -> float:
        """Return the CPU seconds that processes have used beyond their cores' share of the time since the start.

        ``spent`` is what each has used by now.
        """
        now = time.monotonic()
        before = {pid: self._seen.get(pid, 0.0) for pid in spent}
        # If it is less than before, another process has this number by now.
        taken = sum(seconds - before[pid] * (before[pid] <= seconds) for pid, seconds in spent.items())
        self._ahead = max(0.0, self._ahead + taken - self._cores * (now - self._looked))
        self._seen, self._looked = spent, now
        return self._ahead


def _mappings(pid: int) -> int:
    """Return into how many pieces the address space of a process is mapped; as many as can be if it hides them."""
    try:
        with open(f"/proc/{pid}/maps", "rb") as maps:
            return maps.read().count(b"\n")
    except PermissionError:
        return _MOST_MAPPINGS
    except OSError:  # it is gone
        return 0
