"""Run a command as root of a container as Docker makes it: no new namespaces, no mounts, Docker's few capabilities.

    python tools/like_docker.py [--namespaces] [--no-landlock] [--memory MB] [--cores N] COMMAND...

``--namespaces`` leaves all that out. ``--no-landlock`` is a kernel older than 5.13. ``--memory`` and ``--cores`` set
up cgroups (version 1 or 2) below the own one, which the command's end leaves empty; they exit with status 3 if this
machine lets nobody do that.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from grader.sandbox import container
from grader.sandbox.seccomp_binding import binding

NO_CGROUP = 3
_PR_CAPBSET_DROP = 24
# The capabilities of a container: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE,
# NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP (linux/capability.h).
_OF_A_CONTAINER = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
_DENIED = ("unshare", "setns", "mount", "umount2", "pivot_root", "move_mount", "fsopen", "open_tree")
_LANDLOCK = (444, 445, 446)  # the same on every architecture
_NEW_NAMESPACES = [1 << place for place in (17, 25, 26, 27, 28, 29, 30)]  # flags of clone


def without_landlock() -> None:
    """Let this process, and all it starts, see a kernel that has no Landlock."""
    seccomp = binding()
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for number in _LANDLOCK:
        rules.add_rule(seccomp.ERRNO(errno.ENOSYS), number)
    rules.load()


def without_namespaces() -> None:
    """Take from this process, and from all it starts, what Docker takes from a container."""
    seccomp = binding()
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in _DENIED:
        rules.add_rule(seccomp.ERRNO(errno.EPERM), name)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags lie in memory; the C library then uses clone
    for flag in _NEW_NAMESPACES:
        rules.add_rule(seccomp.ERRNO(errno.EPERM), "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    rules.load()
    for capability in range(int(Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="utf-8")) + 1):
        if capability not in _OF_A_CONTAINER:
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def join_group(controller: str, limit: Callable[[Path], None]) -> None:
    """Move this process into a cgroup of its own with a limit; raises OSError if that cannot be done here."""
    failure: OSError = FileNotFoundError(f"there is no cgroup for {controller}")
    for above in container.groups(controller):
        group = above / f"like-docker-{os.getpid()}"
        try:
            group.mkdir(exist_ok=True)
            limit(group)
            (group / "cgroup.procs").write_text(str(os.getpid()), encoding="utf-8")
        except OSError as error:
            failure = error
            if group.is_dir():
                group.rmdir()
        else:
            return
    raise failure


def _memory(group: Path, size: int) -> None:
    name = "memory.max" if (group / "memory.max").exists() else "memory.limit_in_bytes"
    (group / name).write_text(str(size), encoding="utf-8")


def _cores(group: Path, cores: float) -> None:
    if (group / "cpu.max").exists():
        (group / "cpu.max").write_text(f"{int(cores * 100_000)} 100000", encoding="utf-8")
    else:
        (group / "cpu.cfs_period_us").write_text("100000", encoding="utf-8")
        (group / "cpu.cfs_quota_us").write_text(str(int(cores * 100_000)), encoding="utf-8")


def main() -> None:
    """Become such a container, then the command."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--namespaces", action="store_true")
    options.add_argument("--no-landlock", action="store_true")
    options.add_argument("--memory", type=int)
    options.add_argument("--cores", type=float)
    options.add_argument("command", nargs=argparse.REMAINDER)
    given = options.parse_args()
    try:
        if given.memory:
            join_group("memory", lambda group: _memory(group, given.memory << 20))
        if given.cores:
            join_group("cpu", lambda group: _cores(group, given.cores))
    except OSError as error:
        sys.stderr.write(f"this machine lets us limit nothing by a cgroup: {error}\n")
        sys.exit(NO_CGROUP)
    if given.no_landlock:
        without_landlock()
    if not given.namespaces:
        without_namespaces()
    os.execvp(given.command[0], given.command)  # noqa: S606 -- becomes it


if __name__ == "__main__":
    main()
