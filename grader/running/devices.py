"""Choose the device to compute on, once for a run: from device files, and by asking torch in another process.

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
_PROBE_SECONDS = 120.0  # torch and CUDA start slowly on a busy machine
_PROBE = "import torch; raise SystemExit(not torch.cuda.is_available())"


def choose(name: str, can_run_on: Collection[str], say: Callable[[str], None]) -> str:
    """Return ``cpu`` or ``cuda`` for ``auto``, ``cpu`` or ``cuda``, from the devices that a run's code ``can_run_on``.

    If torch cannot use the GPU, ``auto`` calls ``say`` with the reason and takes the CPU.

    Raises:
        UsageError: ``cuda`` was asked for, but there is no GPU or torch cannot use it.
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
    """Return why torch cannot use this machine's GPU and what to do; empty if it can. Asks torch in another process."""
    try:
        probe = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, check=False, timeout=_PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        return f"torch did not say in {_PROBE_SECONDS:g} s whether it can use the GPU: check that nvidia-smi answers"
    if probe.returncode == 0:
        return ""
    return "torch cannot use the NVIDIA GPU of this machine: install a torch built for CUDA, or a newer driver"


def nvidia_devices() -> list[Path]:
    """Return the device files a CUDA program needs; none if there is no GPU."""
    files = sorted(Path("/dev").glob("nvidia*"))
    return files if any(file.name[6:].isdecimal() for file in files) else []


def gpus() -> list[str]:
    """Return the GPUs this run may use, as ``CUDA_VISIBLE_DEVICES`` names them; none if none is there or allowed."""
    files = nvidia_devices()
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is None:
        return [file.name[6:] for file in files if file.name[6:].isdecimal()]
    # CUDA ignores everything after an empty name or a negative number.
    names = takewhile(lambda name: name and name[0] != "-", (name.strip() for name in allowed.split(",")))
    return list(names) if files else []


def claim_gpu(seconds: float = _CLAIM_SECONDS) -> str:
    """Wait for a GPU that no other grading process has, take it and return its name.

    Raises:
        HarnessError: No GPU came free within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while True:
        for gpu in gpus():
            if _lock(gpu):
                os.environ["CUDA_VISIBLE_DEVICES"] = gpu
                return gpu
        if time.monotonic() >= deadline:
            raise HarnessError("other grading processes use every GPU: use --jobs 1, or wait until they end")
        time.sleep(0.2)


def _lock(gpu: str) -> bool:
    """Return whether this process got the GPU's lock. It keeps the file open, and so the lock, until it ends."""
    name = "".join(letter if letter.isalnum() else "-" for letter in gpu)
    path = Path(tempfile.gettempdir()) / f"mlgrader-{os.getuid()}-gpu-{name}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True
