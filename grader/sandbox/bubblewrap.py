"""Level ``bubblewrap``: the zygote is PID 1 of its own namespaces, with read-only libraries and no network."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from grader.sandbox import memory_group, system_calls, walls
from grader.sandbox.environment import (
    GRADER_FOLDER,
    UIDS,
    WORKER_FOLDER,
    claim_uid,
    library_folders,
    worker_environment,
)
from grader.sandbox.slot import Protections, SlotSettings
from grader.sandbox.zygote_process import Launch
from grader.sandbox.zygote_slot import ZygoteSlot
from grader.worker import huge_pages

_PRESENT = (
    *walls.ALWAYS,
    "files: only Python and its packages, read-only",
    "its own shared memory, sockets and processes; it cannot see those of others",
    "no network",
    "an unprivileged user without capabilities",
)
_INSIDE = "/opt/mlgrader/worker"
_SCRATCH = "/scratch"
_HOME = f"{_SCRATCH}/home"
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 -- a private tmpfs, where DataLoader workers share tensors


class Bubblewrap:
    """The strongest level: namespaces around the zygote, Landlock and seccomp around each worker."""

    name = "bubblewrap"

    def obstacle(self) -> str:
        """Return why bubblewrap cannot be used here; empty if it can."""
        return obstacle()

    def protections(self) -> Protections:
        """Return what this level protects from here, and what it does not."""
        missing, memory = system_calls.obstacle(), memory_group.protections()
        calls = () if missing else (walls.FILTERED,)
        unfiltered = (f"{walls.UNFILTERED}: {missing}",) if missing else ()
        return Protections((*_PRESENT, *calls, *memory.present), (*unfiltered, *memory.missing))

    def open_slot(self, settings: SlotSettings) -> ZygoteSlot:
        """Return a new slot; its zygote starts on first use.

        Raises:
            SandboxError: all users for sandboxes are taken.
        """
        if os.geteuid() != 0:  # a user namespace has its own users
            return ZygoteSlot(self, functools.partial(_launch, uid=None), settings)
        uid, claim = claim_uid()
        return ZygoteSlot(self, functools.partial(_launch, uid=uid), settings, on_close=claim.close)


@functools.cache
def obstacle() -> str:
    """Try to make the namespaces once, in a process that ends; return why that failed, or an empty string."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (Debian: apt-get install bubblewrap)"
    around = walls.within_namespaces(SlotSettings(), [_HOME])
    test = ["bwrap", *_namespaces(), "--ro-bind", "/", "/", "--proc", "/proc", *walls.trial(around)]
    words = walls.last_words(subprocess.run(test, capture_output=True, encoding="utf-8", check=False, timeout=60))
    return f"bubblewrap cannot make its namespaces here: {words}" if words else ""


def _launch(settings: SlotSettings, *, uid: int | None) -> Launch:
    command = [
        "bwrap",
        *_namespaces(),
        *("--die-with-parent", "--as-pid-1", "--hostname", "sandbox"),
        *_mounts(settings),
        *("--chdir", _SCRATCH, "--clearenv"),
    ]
    environment = worker_environment(settings, home=_HOME)
    for name, value in environment.items():
        command += ["--setenv", name, value]
    command += ["--", sys.executable, "-I", "-B", f"{_INSIDE}/bootstrap.py"]
    around = walls.within_namespaces(settings, [_HOME, _SHARED_MEMORY])
    config = {"home": _HOME, "scratch": [_SCRATCH, _SHARED_MEMORY], "shared": [], "alone": True, "private": True}
    config |= {"uid": uid, "walls": around}
    return Launch(tuple(command), {"PATH": os.environ.get("PATH", os.defpath)}, config)


def _namespaces() -> list[str]:
    """As root, the zygote changes to a real unprivileged user itself; otherwise a user namespace gives it one.

    A user namespace made by root would map the worker to root's own uid, for which process limits do not hold.
    """
    shared = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if os.geteuid() == 0:
        return [*shared, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return [*shared, "--unshare-user", "--uid", str(UIDS[0]), "--gid", str(UIDS[0]), "--cap-drop", "ALL"]


def _mounts(settings: SlotSettings) -> list[str]:
    mounts: list[str] = []
    for folder in walls.SYSTEM_FOLDERS:
        if Path(folder).is_symlink():
            mounts += ["--symlink", str(Path(folder).readlink()), folder]
        elif Path(folder).is_dir():
            mounts += ["--ro-bind", folder, folder]
    for file in (*walls.SYSTEM_FILES, huge_pages.SETTINGS):
        mounts += ["--ro-bind-try", file, file]
    mounts += ["--proc", "/proc", "--dev", "/dev", *_gpu_mounts(settings.device)]
    # tmpfs before binds: a later tmpfs would hide a bind below it.
    for folder in (_SCRATCH, _SHARED_MEMORY):
        mounts += ["--perms", "1777", "--size", str(settings.scratch_bytes), "--tmpfs", folder]
    libraries = library_folders()
    if not any(library.is_relative_to("/tmp") for library in libraries):  # noqa: S108
        mounts += ["--symlink", _HOME, "/tmp"]  # noqa: S108
    for library in libraries:
        mounts += [*_open_parents(library), "--ro-bind", str(library), str(library)]
    for hidden in _visible_parts((*settings.hidden, GRADER_FOLDER)):
        mounts += ["--tmpfs", str(hidden), "--remount-ro", str(hidden)]
    mounts += [*_open_parents(Path(_INSIDE)), "--ro-bind", str(WORKER_FOLDER), _INSIDE]
    if settings.torch_home is not None:
        mounts += ["--ro-bind", str(settings.torch_home), "/opt/torch"]
    return [*mounts, "--remount-ro", "/dev", "--remount-ro", "/"]


def _gpu_mounts(device: str) -> list[str]:
    """Mount the device files of all GPUs (CUDA_VISIBLE_DEVICES picks one), and /sys, where the driver looks."""
    if device != "cuda":
        return []
    binds = [word for file in sorted(Path("/dev").glob("nvidia*")) for word in ("--dev-bind", str(file), str(file))]
    return [*binds, "--ro-bind-try", "/sys", "/sys"]


def _open_parents(path: Path) -> list[str]:
    """Make the folders above a mount point passable for the unprivileged zygote; bubblewrap makes them 0700."""
    above = [folder for folder in reversed(path.parents) if folder != Path("/")]
    return [word for folder in above for word in ("--perms", "0755", "--dir", str(folder))]


def _visible_parts(hidden: tuple[Path, ...]) -> list[Path]:
    """Return the hidden folders that lie below something we mount (an installed grader, a course below /usr)."""
    mounted = [*library_folders(), *(Path(folder) for folder in walls.SYSTEM_FOLDERS)]
    return [folder for folder in hidden if any(folder.is_relative_to(top) for top in mounted)]
