"""What a worker process gets: a few environment variables, the folders of its libraries, and a user id."""

from __future__ import annotations

import os
import random
import site
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.slot import SlotSettings
from grader.worker.huge_pages import MALLOC
from grader.worker.preloading import WAITING_THREADS

# systemd's range for users that exist only while a process runs: no one else's files or processes have these ids.
UIDS = range(61184, 65520)
GRADER_FOLDER = Path(__file__).resolve().parents[1]
WORKER_FOLDER = GRADER_FOLDER / "worker"


def worker_environment(settings: SlotSettings, *, home: str) -> dict[str, str]:
    """Return the whole environment of a worker; no variable of the instructor's is passed on."""
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": str(settings.threads),
        "MKL_NUM_THREADS": str(settings.threads),
        **WAITING_THREADS,
        **MALLOC,
        # OpenBLAS starts its threads when numpy is imported: in the zygote, which must have none.
        "OPENBLAS_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "" if settings.device == "cpu" else os.environ.get("CUDA_VISIBLE_DEVICES", "0"),
        # If pyarrow is installed, pandas keeps strings in it; its own allocator asks for more than a worker may have.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        # torch.compile gives the function back as it is: to compile one takes longer than any check waits for a call.
        "TORCHDYNAMO_DISABLE": "1",
        # Without TF32, so that a GPU rounds as a CPU does and small differences between trainings stay visible.
        "NVIDIA_TF32_OVERRIDE": "0",
    }
    if settings.torch_home is not None:
        environment["TORCH_HOME"] = "/opt/torch"
    return environment


def library_folders() -> list[Path]:
    """Return the folders of Python and its packages outside /usr, as ``sys.path`` names them, without nested ones."""
    folders = _python_folders() - {Path("/usr")}
    outermost = [f for f in folders if not any(f != other and f.is_relative_to(other) for other in folders)]
    return sorted(f for f in outermost if f.is_dir() and not f.is_relative_to("/usr"))


def folders_without_python(root: Path) -> tuple[Path, ...]:
    """Return the folders in ``root`` that can be hidden from a worker: all but a ``.venv`` that we run from."""
    return without_python(sorted(path for path in root.iterdir() if path.is_dir()))


def without_python(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return those of ``folders`` that hold no part of the running Python, and so can be hidden from a worker."""
    return tuple(path for path in folders if not any(home.is_relative_to(path) for home in _python_folders()))


def _python_folders() -> set[Path]:
    """Return the folders of Python and its packages, both as named and with links resolved."""
    named = {Path(name) for name in (sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages())}
    return named | {folder.resolve() for folder in named}


def claim_uid() -> tuple[int, socket.socket]:
    """Return a user id that no other slot on this machine uses, and the socket that claims it; close that to free it.

    No other slot may share it, because sweeping ends every process of the user. The claim is a socket name that only
    one process can hold; the kernel frees it when that process ends.

    Raises:
        SandboxError: all user ids are taken.
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
