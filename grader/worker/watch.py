"""Enforce what rlimits cannot: the processes, memory and CPU time of all the processes of a worker together."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from . import process_table
from .limits import WorkerLimits
from .scratch import bytes_held, bytes_of_inodes
from .usage import CpuShare, MappingMemory, Processes, SocketMemory, Usage

_CLOSELY_EVERY_SECONDS = 0.25


class Watch:
    """Looks at the processes of one worker after another. Made by the zygote once it has imported the libraries.

    ``list_all`` returns the numbers of all processes of the worker. ``scratch`` and ``shared`` are the folders that it
    may write to; ``private`` says that it has namespaces of its own, and each ``scratch`` is a tmpfs. It has ``cores``.
    """

    def __init__(
        self,
        list_all: Callable[[], list[int]],
        scratch: Sequence[str],
        shared: Sequence[str],
        *,
        private: bool,
        cores: int,
    ) -> None:
        self._scratch = scratch
        self._shared = shared
        self._cores = cores
        self._processes = Processes(list_all, private=private)
        self._limits = WorkerLimits()
        self._share = CpuShare(cores)
        self._looked_closely, self._seen_closely = 0.0, 0
        self._base_bytes = process_table.private_bytes(os.getpid())
        self._mappings = MappingMemory(os.getpid())
        self._sockets = SocketMemory() if private else None

    def begin(self, worker: int, limits: WorkerLimits) -> None:
        """Look at a new worker from now on, which was forked just now."""
        self._processes.begin(worker)
        self._limits, self._share, self._looked_closely = limits, CpuShare(self._cores), 0.0

    def exceeded(self) -> str:
        """Return which limit the worker exceeds, a word of `Ending.reason`; empty if none."""
        pids = self._processes.numbers()
        if len(pids) > self._limits.processes:
            return "processes"
        used = self._processes.usage(pids)
        if sum(usage.threads for usage in used.values()) > self._limits.threads:
            return "threads"
        if self._bytes_of(used) > self._limits.memory_bytes:
            return "memory"
        spent = {pid: usage.cpu_seconds for pid, usage in used.items()}
        return "cpu" if self._share.seconds_ahead(spent) > self._limits.cpu_seconds else ""

    def _bytes_of(self, used: Mapping[int, Usage]) -> int:
        """Return the memory of the processes without the libraries, which forks share with the zygote."""
        extra = bytes_held(self._shared) + self._mappings.bytes_of(used)
        if self._sockets is not None:
            extra += self._sockets.bytes() + bytes_of_inodes(self._scratch)
        held = sum(usage.private_bytes for usage in used.values()) - self._base_bytes
        if len(used) > 1 and held + extra > self._limits.memory_bytes:
            held = self._look_closely(used)
        return max(0, held) + extra

    def _look_closely(self, pids: Collection[int]) -> int:
        """Return the same, with each shared page counted once; too slow to be done every time."""
        now = time.monotonic()
        if now - self._looked_closely >= _CLOSELY_EVERY_SECONDS:
            self._looked_closely = now
            self._seen_closely = sum(map(process_table.proportional_bytes, pids)) - self._base_bytes
        return self._seen_closely
