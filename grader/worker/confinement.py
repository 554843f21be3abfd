"""The walls that a worker puts up around itself before it loads a student's code: Landlock and seccomp.

Landlock limits which files may be opened, forbids TCP, and stops signals and abstract sockets from reaching processes
outside (linux/landlock.h; what an older kernel lacks is left out). seccomp denies the system calls listed in a filter
that the trusted side made. Both need no privilege, cannot be taken down, and hold for every process the worker starts.

Run as a program (``python -I -S confinement.py CONFIG``), it puts up the walls around itself and ends: so the trusted
side learns, before anyone is graded, whether this kernel accepts them.
"""

from __future__ import annotations

import base64
import ctypes
import functools
import json
import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_CAPABILITIES_VERSION = 0x20080522  # linux/capability.h, version 3: two sets of 32
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1

# LANDLOCK_ACCESS_FS_*, in the order of their bits; those after the 13th came with later versions.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_ALL_OF_VERSION_1 = (1 << 13) - 1
_FILE_ONLY = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_NETWORK = 0b11  # bind and connect TCP
_SCOPES = 0b11  # abstract UNIX sockets, signals


@dataclass(frozen=True, slots=True)
class Walls:
    """What a worker may still do.

    It may read and execute what lies below the paths in ``read``, write below those in ``write``, list the folders in
    ``listed``, and make the system calls that the seccomp filter ``program`` does not deny.
    """

    read: Sequence[str] = ()
    write: Sequence[str] = ()
    listed: Sequence[str] = ()
    program: bytes = b""

    @classmethod
    def of(cls, config: dict[str, Any]) -> Walls:
        """Make the walls from decoded JSON, in which the program is base64."""
        return cls(**config | {"program": base64.b64decode(config["program"])})


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("parent", ctypes.c_int32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def landlock_version() -> int:
    """Return the version of Landlock that this kernel has; 0 if it has none."""
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)))


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilitySets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def confine(walls: Walls) -> None:
    """Put up the walls around this process, which must have set PR_SET_NO_NEW_PRIVS; raises OSError."""
    _drop_capabilities()
    if (walls.read or walls.write) and (version := landlock_version()):
        _restrict_files(walls, version)
    if walls.program:
        _filter_calls(walls.program)


def _restrict_files(walls: Walls, version: int) -> None:
    handled = _ALL_OF_VERSION_1
    handled |= sum(flag for flag, since in ((_REFER, 2), (_TRUNCATE, 3), (_IOCTL_DEV, 5)) if version >= since)
    attributes = _RulesetAttributes(handled, _NETWORK if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _checked(_libc().syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), 0))
    try:
        for path in walls.listed:
            _allow(ruleset, path, _READ_DIR)
        for path in walls.read:
            _allow(ruleset, path, _READ)
        for path in walls.write:
            _allow(ruleset, path, handled)
        _checked(_libc().syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # a path that does not exist needs no permission
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _FILE_ONLY
        rule = _PathBeneath(access, descriptor)
        _checked(_libc().syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(descriptor)


def _drop_capabilities() -> None:
    """Drop all capabilities: with them, root could read what Landlock forbids (CAP_PERFMON)."""
    header = _CapabilityHeader(_CAPABILITIES_VERSION, 0)
    _checked(_libc().capset(ctypes.byref(header), ctypes.byref((_CapabilitySets * 2)())))


def _filter_calls(program: bytes) -> None:
    attributes = _Program(len(program) // 8, program)
    _checked(_libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(attributes), 0, 0))


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"a wall cannot be put up: {os.strerror(code)}")
    return result


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _try_walls(config_text: str) -> None:
    _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    confine(Walls.of(json.loads(config_text)))


if __name__ == "__main__":
    _try_walls(sys.argv[1])
