"""Have the kernel limit the memory of a whole slot with a cgroup (version 2), where one was delegated to us.

The zygote measures memory every 40 ms, so many processes together can go over the limit between two measurements. A
cgroup cannot go over. Where the group may also share out cores, all slots get the same weight, however many processes
a student starts, and the grader's own processes get more. We make groups only below one that was delegated, which
systemd or an administrator marks with the attribute ``user.delegate`` (systemd's CGROUP_DELEGATION; the rules are in
the kernel's cgroup-v2.rst)::

    systemd-run --user --scope -p Delegate=yes grader grade lab1 submissions/
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.slot import Protections

_OURS = "grader"  # a group that limits others may hold no processes itself, so ours move into this one below it
_PRESENT = "memory of all processes together limited by the kernel (cgroup)"
_MISSING = "memory of all processes together is not limited by the kernel; a watch measures it every 40 ms"
_SHARED = "slots share the cores by weight, not by the number of their processes (cgroup)"
_WEIGHTS = {"slot": 100, _OURS: 400}  # 100 is the kernel's own default; ours only wait, decode and compare
_END_SECONDS = 5.0
_numbers = itertools.count()


class MemoryGroup:
    """The group of one slot; made when its zygote starts, removed when that ends."""

    def __init__(self, delegated: Path) -> None:
        self._path = delegated / f"slot-{os.getpid()}-{next(_numbers)}"
        self._path.mkdir()
        _weigh(self._path, "slot")
        self._seen = 0

    def joined_by(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """Return ``command`` changed so that it joins the group first: no process of it is ever outside."""
        return ("/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self._path / "cgroup.procs"), *command)

    def allow(self, size: int) -> None:
        """Let the group use ``size`` bytes more than now; :meth:`went_over` counts from here. Raises OSError."""
        taken = int((self._path / "memory.current").read_text(encoding="utf-8"))
        (self._path / "memory.max").write_text(str(taken + size), encoding="utf-8")
        with contextlib.suppress(OSError):  # a kernel without swap has no such file
            (self._path / "memory.swap.max").write_text("0", encoding="utf-8")
        self._seen = self._overruns()

    def went_over(self) -> bool:
        """Return whether the kernel has killed processes of the group for going over, since :meth:`allow`."""
        return self._overruns() > self._seen

    def remove(self) -> None:
        """Kill all processes of the group at once, and remove it."""
        deadline = time.monotonic() + _END_SECONDS
        with contextlib.suppress(OSError):  # Linux 5.14; before that the zygote's sweep is all there is
            (self._path / "cgroup.kill").write_text("1", encoding="utf-8")
        while time.monotonic() < deadline:
            try:
                self._path.rmdir()
            except FileNotFoundError:
                return
            except OSError:  # processes take a moment to end
                time.sleep(0.005)

    def _overruns(self) -> int:
        with contextlib.suppress(OSError):
            lines = (self._path / "memory.events").read_text(encoding="utf-8").splitlines()
            return next((int(line.split()[1]) for line in lines if line.startswith("oom ")), 0)
        return 0


def obstacle() -> str:
    """Return why the kernel cannot limit the memory of a slot here; empty if it can."""
    own = _own_group()
    if own is None:
        return "this machine has no cgroups of version 2"
    delegated = _delegated(own)
    if delegated is None:
        return "no cgroup was delegated to the grader"
    if not os.access(delegated / "cgroup.procs", os.W_OK):
        return "the cgroup that was delegated belongs to another user"
    if "memory" not in _controllers(delegated):
        return "the cgroup that was delegated to the grader may not limit memory"
    return ""


def protections() -> Protections:
    """Return the phrase that says whether slots have such a limit here."""
    missing = obstacle()
    if missing:
        return Protections((), (f"{_MISSING} ({missing})",))
    own = _own_group()
    delegated = own and _delegated(own)
    shared = (_SHARED,) if delegated and "cpu" in _controllers(delegated) else ()
    return Protections((_PRESENT, *shared), ())


def make() -> MemoryGroup | None:
    """Make a group for one slot; None if no group was delegated. Raises SandboxError if that cannot be used."""
    own = None if obstacle() else _own_group()
    delegated = own and _delegated(own)
    if not delegated:
        return None
    try:
        _let_it_limit(delegated)
        return MemoryGroup(delegated)
    except OSError as error:
        raise SandboxError(f"{delegated} was delegated to the grader, but cannot be used: {error}") from error


def _let_it_limit(delegated: Path) -> None:
    """Move all processes of a delegated group one level down, so that it may limit the groups below it."""
    wanted = " ".join(f"+{name}" for name in ("memory", "cpu") if name in _controllers(delegated))
    below = delegated / _OURS
    below.mkdir(exist_ok=True)
    for attempt in itertools.count():
        for pid in (delegated / "cgroup.procs").read_text(encoding="utf-8").split():
            with contextlib.suppress(ProcessLookupError):
                (below / "cgroup.procs").write_text(pid, encoding="utf-8")
        try:
            (delegated / "cgroup.subtree_control").write_text(wanted, encoding="utf-8")
        except OSError:
            if attempt == 10:
                raise
            time.sleep(0.01)  # a process that was forked meanwhile is still there
        else:
            _weigh(below, _OURS)
            return


def _weigh(group: Path, kind: str) -> None:
    """Set a group's share of the cores; without the controller for them the kernel has no such file."""
    weight = group / "cpu.weight"
    if weight.exists():
        weight.write_text(str(_WEIGHTS[kind]), encoding="utf-8")


def _controllers(group: Path) -> list[str]:
    return (group / "cgroup.controllers").read_text(encoding="utf-8").split()


def _own_group() -> Path | None:
    """Return the cgroup of this process; None without cgroups of version 2."""
    paths = (line[3:] for line in _lines("/proc/self/cgroup") if line.startswith("0::"))
    mounts = (fields[1] for fields in map(str.split, _lines("/proc/self/mounts")) if fields[2] == "cgroup2")
    path, mount = next(paths, None), next(mounts, None)
    return None if path is None or mount is None else Path(mount) / path.strip("/")


def _delegated(own: Path) -> Path | None:
    """Return the group delegated to us: our own or, once we have moved down, the one above it."""
    candidates = [own, own.parent] if own.name == _OURS else [own]
    return next((group for group in candidates if _is_marked(group)), None)


def _is_marked(group: Path) -> bool:
    for attribute in ("user.delegate", "trusted.delegate"):
        with contextlib.suppress(OSError):
            return os.getxattr(group, attribute) == b"1"
    return False


def _lines(path: str) -> Iterator[str]:
    with contextlib.suppress(OSError):
        yield from Path(path).read_text(encoding="utf-8").splitlines()
