"""What a worker may reach at each level: the Landlock paths and the seccomp filter for ``worker.confinement``."""

from __future__ import annotations

import base64
import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.sandbox import system_calls
from grader.sandbox.environment import GRADER_FOLDER, WORKER_FOLDER, library_folders
from grader.sandbox.slot import SlotSettings

SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")
ALWAYS = (
    "own process, ended at the deadline",
    "memory, CPU time, processes and file sizes limited",
    "clean environment",
    "files left behind in its own folder are removed before the next student",
    "processes left behind are ended before the next student",
)
FILTERED = "system calls that no coursework needs are denied (seccomp)"
UNFILTERED = "system calls are not filtered"
# Of /proc only the worker itself and what libraries ask about the machine; nothing about other processes.
_KERNEL_FILES = (
    *(f"/proc/{name}" for name in ("self", "cpuinfo", "meminfo", "stat", "sys", "version", "filesystems", "mounts")),
    "/sys/devices/system",
    # Readable only: a process that may write to it can map it as shared memory that no process is charged for.
    "/dev/zero",
)
_DEVICE_FILES = tuple(f"/dev/{name}" for name in ("null", "full", "random", "urandom", "tty"))
SHARED_MEMORY = "/dev/shm"  # noqa: S108 -- where DataLoader workers share tensors


def within_namespaces(settings: SlotSettings, writable: Sequence[str]) -> dict[str, Any]:
    """Return the walls inside namespaces: everything mounted may be read, since only what is needed is mounted."""
    return _configuration(settings, read=["/"], write=[*writable])


def on_shared_files(settings: SlotSettings, home: str) -> dict[str, Any]:
    """Return the walls on the machine's own files: Python and the system's libraries may be read, ``home`` written."""
    cuda = settings.device == "cuda"
    read, listed = [*_KERNEL_FILES, *SYSTEM_FILES, *(["/proc", "/sys"] if cuda else [])], []
    hidden = [*settings.hidden, GRADER_FOLDER]
    for folder in (*map(Path, SYSTEM_FOLDERS), *library_folders()):
        listed += [str(parent) for parent in _parents_of(hidden, folder)]
        read += map(str, _without(hidden, folder))
    if settings.torch_home is not None:
        read.append(str(settings.torch_home))
    return _configuration(settings, read=read, write=[home, SHARED_MEMORY], listed=listed)


@functools.cache
def obstacle() -> str:
    """Try once, in a process of its own, to put up the walls; return why that failed, or an empty string."""
    command = trial(on_shared_files(SlotSettings(), tempfile.gettempdir()))
    words = last_words(subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60))
    return f"a worker cannot put up its walls here: {words}" if words else ""


def trial(around: dict[str, Any]) -> list[str]:
    """Return the command that puts these walls up around itself and ends."""
    return [sys.executable, "-I", "-S", "-B", str(WORKER_FOLDER / "confinement.py"), json.dumps(around)]


def last_words(ended: subprocess.CompletedProcess[str]) -> str:
    """Return the last line on the stderr of a command that failed; empty if it did not fail."""
    said = ended.stderr.strip().rpartition("\n")[2][:200]
    return (said or f"exit status {ended.returncode}") if ended.returncode else ""


def _configuration(
    settings: SlotSettings, *, read: list[str], write: list[str], listed: Sequence[str] = ()
) -> dict[str, Any]:
    gpu = settings.device == "cuda"
    devices = [*_DEVICE_FILES, *(map(str, Path("/dev").glob("nvidia*")) if gpu else ())]
    program = base64.b64encode(system_calls.program(gpu=gpu)).decode()
    return {"read": read, "write": [*write, *devices], "listed": list(listed), "program": program}


def _parents_of(hidden: Sequence[Path], folder: Path) -> list[Path]:
    """Return the folders from ``folder`` down that hold something hidden; imports need to list their names."""
    return sorted({above for path in hidden for above in path.parents if above.is_relative_to(folder)})


def _without(hidden: Sequence[Path], folder: Path) -> Iterator[Path]:
    """Yield ``folder``, or all in it that is not hidden: a Landlock rule allows a whole folder, without exceptions."""
    if folder in hidden or not folder.exists():
        return
    if not any(path.is_relative_to(folder) for path in hidden):
        yield folder
        return
    for inside in folder.iterdir():
        yield from _without(hidden, inside)
