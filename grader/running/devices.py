"""Which device to compute on. Decided once for a run, from device files; torch is asked in a process of its own.

Every grading process claims one GPU for itself, with a lock that the kernel releases when the process ends, and sees
no other (``CUDA_VISIBLE_DEVICES``). So two runs of the grader on one machine never share a GPU either.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from itertools import takewhile
from pathlib import Path

from grader.errors import HarnessError, UsageError

_CLAIM_SECONDS = 600.0
_PROBE_SECONDS = 120.0  # torch and CUDA are slow to come up on a busy machine
_PROBE = "import torch; raise SystemExit(not torch.cuda.is_available())"


def choose(name: str, can_run_on: Collection[str], say: Callable[[str], None]) -> str:
    """``cpu`` or ``cuda`` for ``auto``, ``cpu`` or ``cuda``; asked once for a run, whose code ``can_run_on`` these.

    A GPU that torch cannot use is none: ``auto`` goes on without and says so, ``cuda`` is a UsageError.
    """
    here = gpus()
    if name == "cuda" and not here:
        hidden = "CUDA_VISIBLE_DEVICES hides every NVIDIA GPU: unset it, or" if nvidia_devices() else ""
        raise UsageError(f"{hidden or 'there is no NVIDIA GPU here;'} use --device cpu")
    if name == "cpu" or not here or "cuda" not in can_run_on:
        return "cpu"
    if reason := obstacle():
        if name == "cuda":
            raise UsageError(f"{reason}; or use --device cpu")
        say(f"{reason}; until then this computes on the CPU")
        return "cpu"
    return "cuda"


def obstacle() -> str:
    """Why torch cannot use the GPU that is here, and what to do; empty when it can. Asked in a process of its own."""
    try:
        probe = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, check=False, timeout=_PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        return f"torch did not say in {_PROBE_SECONDS:g} s whether it can use the GPU: see whether nvidia-smi answers"
    if probe.returncode == 0:
        return ""
    return "torch cannot use the NVIDIA GPU that is here: install a torch that is built for CUDA, or a newer driver"


def nvidia_devices() -> list[Path]:
    """The device files a CUDA program needs; empty where there is no GPU."""
    files = sorted(Path("/dev").glob("nvidia*"))
    return files if any(file.name[6:].isdecimal() for file in files) else []


def gpus() -> list[str]:
    """The GPUs this run may use, as ``CUDA_VISIBLE_DEVICES`` names them; empty where there is none, or none allowed."""
    files = nvidia_devices()
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is None:
        return [file.name[6:] for file in files if file.name[6:].isdecimal()]
    # As CUDA reads it: what comes after an empty name or a negative number does not count.
    names = takewhile(lambda name: name and name[0] != "-", (name.strip() for name in allowed.split(",")))
    return list(names) if files else []


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
