"""What the container that the grader runs in was given of the machine: cores and memory, by its cgroups (v1 and v2)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def cores() -> float:
    """Return how many cores this process may keep busy: those it may run on, or fewer, such as 0.5, by its quota."""
    quotas = [*map(_quota, groups("cpu"))]
    return min([float(len(os.sched_getaffinity(0))), *(quota for quota in quotas if quota is not None)])


def memory_bytes() -> int:
    """Return how much memory all processes here may use together: that of the machine, or less by a limit."""
    found = [_number(group / name) for group in groups("memory") for name in ("memory.max", "memory.limit_in_bytes")]
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([machine, *(limit for limit in found if limit is not None)])


def memory_peak() -> int | None:
    """Return the most memory that this container has used, files that the kernel caches included; None if unknown."""
    names = ("memory.peak", "memory.max_usage_in_bytes")
    found = (_number(group / name) for group in groups("memory") for name in names)
    return next((peak for peak in found if peak is not None), None)


def groups(controller: str) -> Iterator[Path]:
    """Yield this process's group for a controller and all above it, as far as this container can see them."""
    paths = {names: path for _, names, path in (line.split(":", 2) for line in _lines("/proc/self/cgroup"))}
    for line in _lines("/proc/self/mounts"):
        _, mount, kind, options, *_ = line.split()
        if kind == "cgroup2":
            path = paths.get("", "/")
        elif kind == "cgroup" and controller in options.split(","):
            path = next((path for names, path in paths.items() if controller in names.split(",")), "/")
        else:
            continue
        # Inside a container the path may be that outside, which is not there: then the mount itself is the group.
        own = Path(mount) / path.strip("/")
        yield from (group for group in (own, *own.parents) if group.is_relative_to(mount) and group.is_dir())


def _quota(group: Path) -> float | None:
    """Return a group's share of the cores' time, in cores; None if it has no limit."""
    with contextlib.suppress(OSError, ValueError):
        quota, period = (group / "cpu.max").read_text(encoding="utf-8").split()
        return int(quota) / int(period)  # "max" is no number
    microseconds, each = _number(group / "cpu.cfs_quota_us"), _number(group / "cpu.cfs_period_us")
    return microseconds / each if microseconds and each and microseconds > 0 else None  # -1 is no limit


def _number(path: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text(encoding="utf-8"))
    return None


def _lines(path: str) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(path).read_text(encoding="utf-8").splitlines()
    return []
