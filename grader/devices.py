"""Which device to compute on. Decided from device files: torch is never asked before a fork.

Every grading process claims one GPU for itself, with a lock that the kernel releases when the process ends, and sees
no other (``CUDA_VISIBLE_DEVICES``). So two runs of the grader on one machine never share a GPU either.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from pathlib import Path

from grader.errors import HarnessError, UsageError

_CLAIM_SECONDS = 600.0


def choose(name: str) -> str:
    """``cpu`` or ``cuda`` for ``auto``, ``cpu`` or ``cuda``; raises UsageError when there is no GPU to have."""
    if name == "cuda" and not nvidia_devices():
        raise UsageError("there is no NVIDIA GPU here; use --device cpu")
    if name == "auto":
        return "cuda" if nvidia_devices() else "cpu"
    return name


def nvidia_devices() -> list[Path]:
    """The device files a CUDA program needs; empty where there is no GPU."""
    files = sorted(Path("/dev").glob("nvidia*"))
    return files if any(file.name[6:].isdecimal() for file in files) else []


def gpus() -> list[str]:
    """The GPUs this run may use, as ``CUDA_VISIBLE_DEVICES`` names them."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed:
        return allowed.split(",")
    return [file.name[6:] for file in nvidia_devices() if file.name[6:].isdecimal()]


def claim_gpu(seconds: float = _CLAIM_SECONDS) -> str:
    """Take a GPU that no other grading process has, waiting for one; raises HarnessError when none comes free."""
    deadline = time.monotonic() + seconds
    while True:
        for gpu in gpus():
            if _lock(gpu):
                os.environ["CUDA_VISIBLE_DEVICES"] = gpu
                return gpu
        if time.monotonic() >= deadline:
            raise HarnessError("every GPU is taken by another grading process; use --jobs 1, or wait for it to end")
        time.sleep(0.2)


def _lock(gpu: str) -> bool:
    """Whether this process now holds the GPU's lock; it keeps the file open, and so the lock, until it ends."""
    name = "".join(letter if letter.isalnum() else "-" for letter in gpu)
    path = Path(tempfile.gettempdir()) / f"mlgrader-{os.getuid()}-gpu-{name}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True
