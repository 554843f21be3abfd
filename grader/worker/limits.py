"""How much a worker may use: set by the trusted side, enforced by rlimits in the worker and by the zygote's watch."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from .process_table import tasks_of_this_user

with contextlib.suppress(ImportError):  # Windows has none: only practice at home runs there, which sets no limits
    import resource


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """Limits of one worker; deadlines (wall-clock time) are kept by the trusted side.

    ``cpu_seconds`` is the CPU time of one process in one call (an rlimit), and also how far all its processes together
    may be ahead of the cores they have (the zygote's watch). ``memory_bytes`` and ``processes`` are for all processes
    together; ``file_bytes`` is the largest file, ``reply_bytes`` the largest answer.
    """

    cpu_seconds: float = 40.0
    memory_bytes: int = 1 << 30  # on top of what the libraries use
    processes: int = 64
    file_bytes: int = 64 << 20
    reply_bytes: int = 256 << 20

    @property
    def threads(self) -> int:
        """The most threads that all processes together may have."""
        return 4 * self.processes


def apply(limits: WorkerLimits, *, alone: bool) -> None:
    """Set the rlimits for the worker's whole life; ``alone`` means that this user has no other processes."""
    # RLIMIT_DATA and not RLIMIT_AS, because CUDA reserves far more address space than it uses.
    _set(resource.RLIMIT_DATA, _data_bytes() + limits.memory_bytes)
    # Counted per user, so the instructor's own processes count too, and they vary; it does not hold for root.
    _set(resource.RLIMIT_NPROC, limits.threads if alone else tasks_of_this_user() + 2 * limits.threads)
    _set(resource.RLIMIT_FSIZE, limits.file_bytes)
    _set(resource.RLIMIT_NOFILE, 1024)
    _set(resource.RLIMIT_CORE, 0)


def allow_cpu(seconds: float) -> None:
    """Give the call that starts now ``seconds`` of CPU time; after that the kernel ends the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime + seconds + 1)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _set(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _data_bytes() -> int:
    with open("/proc/self/status", "rb") as status:
        for line in status:
            if line.startswith(b"VmData:"):
                return int(line.split()[1]) * 1024
    return 0
