"""What the levels without namespaces share: the zygote is an ordinary process that sees the machine's own files."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from grader.sandbox import left_behind, memory_group, system_calls, walls
from grader.sandbox.environment import WORKER_FOLDER, worker_environment
from grader.sandbox.slot import Level, Protections, SlotSettings
from grader.sandbox.zygote_process import Launch
from grader.sandbox.zygote_slot import ZygoteSlot
from grader.worker.confinement import landlock_version

# The versions of Landlock that can also forbid truncating files, and keep signals and abstract sockets inside.
_TRUNCATE_SINCE, SCOPES_SINCE = 3, 6


def open_slot(
    level: Level,
    settings: SlotSettings,
    uid: int | None = None,
    on_close: Callable[[], None] = lambda: None,
) -> ZygoteSlot:
    """Return a slot with a folder of its own, run as the user ``uid`` if given; its zygote starts on first use."""
    made: list[tuple[Path, int]] = []
    if uid is not None and settings.torch_home is not None:
        made.append(_open_to_all(settings.torch_home))
        settings = replace(settings, torch_home=made[-1][0])

    def launch(settings: SlotSettings) -> Launch:
        # A new folder for every zygote: a process that outlived the last one knows, and may open, only the old one.
        made.append(left_behind.make_folder(left_behind.SLOT))
        scratch, _ = made[-1]
        if uid is not None:
            os.chown(scratch, uid, uid)
        home = str(scratch / "home")
        command = (sys.executable, "-I", "-B", str(WORKER_FOLDER / "bootstrap.py"))
        environment = worker_environment(settings, home=home)
        if settings.torch_home is not None:
            environment["TORCH_HOME"] = str(settings.torch_home)
        around = walls.on_shared_files(settings, home)
        # A user of its own: whatever belongs to that user in shared memory was made by the worker.
        shared = [] if uid is None else [walls.SHARED_MEMORY]
        config = {"home": home, "scratch": [str(scratch)], "shared": shared, "alone": uid is not None}
        config |= {"private": False, "uid": uid, "walls": around}
        return Launch(command, environment, config)

    def close() -> None:
        for folder, lock in made:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
        made.clear()
        on_close()

    return ZygoteSlot(level, launch, settings, on_close=close)


def _open_to_all(torch_home: Path) -> tuple[Path, int]:
    """Copy the pretrained weights to where another user may read them; the cache may be closed to others."""
    copies, lock = left_behind.make_folder(left_behind.WEIGHTS)
    shutil.copytree(torch_home, copies, dirs_exist_ok=True, copy_function=_link_or_copy)
    for folder in (copies, *(path for path in copies.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    return copies, lock


def _link_or_copy(source: str, target: str) -> None:
    if Path(source).stat().st_mode & stat.S_IROTH:
        with contextlib.suppress(OSError):  # on another file system, say
            os.link(Path(source).resolve(), target)
            return
    shutil.copyfile(source, target)
    Path(target).chmod(0o444)


def kernel_walls() -> Protections:
    """Return what Landlock, seccomp and cgroups protect from on this machine, and what this kernel lacks."""
    memory = memory_group.protections()
    present, missing = [*memory.present], [*memory.missing]
    landlock, unfiltered = landlock_version(), system_calls.obstacle()
    if landlock:
        present.append("files: only Python, its packages and the system's libraries (Landlock)")
    else:
        missing.append("files that this user may read can be read (the kernel has no Landlock)")
        missing.append("processes of this user can be seen")
    if landlock >= SCOPES_SINCE:
        present.append("signals and abstract sockets reach no process outside (Landlock)")
    else:
        missing.append(f"abstract sockets of others can be reached ({_older_than(SCOPES_SINCE)})")
    if landlock < _TRUNCATE_SINCE:
        missing.append(f"files that this user may write to can be truncated ({_older_than(_TRUNCATE_SINCE)})")
    if unfiltered:
        missing += [f"{walls.UNFILTERED}: {unfiltered}", "network is not blocked"]
    else:
        present += [walls.FILTERED, "no network (seccomp)"]
    missing.append("named sockets that this user may open can be connected to")
    return Protections(tuple(present), tuple(missing))


def _older_than(version: int) -> str:
    return f"Landlock here is older than its version {version}"
