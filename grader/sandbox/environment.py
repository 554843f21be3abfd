"""What a worker process is given: environment variables by whitelist, and the folders its libraries live in."""

from __future__ import annotations

import os
import random
import site
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

import grader
from grader.errors import SandboxError
from grader.sandbox.slot import SlotSettings

# systemd's range for users that exist only while a process runs: nobody else has files or processes under these ids.
UIDS = range(61184, 65520)
WORKER_FOLDER = Path(grader.__file__).resolve().parent / "worker"
GRADER_FOLDER = WORKER_FOLDER.parent


def worker_environment(settings: SlotSettings, *, home: str) -> dict[str, str]:
    """The whole environment of a worker: nothing of the instructor's goes through."""
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": str(settings.threads),
        "MKL_NUM_THREADS": str(settings.threads),
        # OpenBLAS starts its threads when numpy is imported: in the zygote, which must have none.
        "OPENBLAS_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "" if settings.device == "cpu" else os.environ.get("CUDA_VISIBLE_DEVICES", "0"),
        # A GPU rounds as a CPU does: TF32, the default for convolutions, hides what tells one training from another.
        "NVIDIA_TF32_OVERRIDE": "0",
    }
    if settings.torch_home is not None:
        environment["TORCH_HOME"] = "/opt/torch"
    return environment


def library_folders() -> list[Path]:
    """Where Python and its packages live, outermost only, as they are named on ``sys.path``."""
    folders = _python_folders() - {Path("/usr")}
    outermost = [f for f in folders if not any(f != other and f.is_relative_to(other) for other in folders)]
    return sorted(f for f in outermost if f.is_dir() and not f.is_relative_to("/usr"))


def folders_without_python(root: Path) -> tuple[Path, ...]:
    """All folders in a course, with what records and submissions are kept there, but a ``.venv`` that we run from."""
    return without_python(sorted(path for path in root.iterdir() if path.is_dir()))


def without_python(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Those of ``folders`` that can be hidden from a worker: not the ones that it runs from."""
    return tuple(path for path in folders if not any(home.is_relative_to(path) for home in _python_folders()))


def _python_folders() -> set[Path]:
    """Where Python and its packages live, as they are named and as they are resolved."""
    named = {Path(name) for name in (sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages())}
    return named | {folder.resolve() for folder in named}


def claim_uid() -> tuple[int, socket.socket]:
    """A user that no other slot of this machine has: sweeping ends every process of that user.

    The claim is a name that the kernel gives to one socket at a time, and takes back when its process ends.
    """
    for uid in random.sample(UIDS, len(UIDS)):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0mlgrader-uid-{uid}")
        except OSError:
            claim.close()
            continue
        return uid, claim
    raise SandboxError(f"all {len(UIDS)} users for sandboxes are taken")
