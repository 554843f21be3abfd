"""Check that the GPU memory of one student's worker is free again before the next worker starts."""

from __future__ import annotations

import os
import subprocess
import time

from grader.errors import SandboxError

_SLACK_MB = 64  # the driver's own bookkeeping moves by a few megabytes
_FREE_SECONDS = 15.0
_QUERY = ("nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits")


class GpuMemory:
    """Remembers how much memory was in use before the first worker; it must be as free before every later one."""

    def __init__(self) -> None:
        self._before = used_mb()

    def require_free(self, seconds: float = _FREE_SECONDS) -> None:
        """Wait up to ``seconds`` for the memory to be free again; raises SandboxError if it stays taken."""
        deadline = time.monotonic() + seconds
        while (used := used_mb()) > self._before + _SLACK_MB:
            if time.monotonic() >= deadline:
                raise SandboxError(
                    f"{used - self._before} MB of GPU memory were not given back after a submission; "
                    "end what holds them (nvidia-smi lists the processes) and grade again"
                )
            time.sleep(0.1)


def used_mb() -> int:
    """Return the megabytes in use on this process's GPU; raises SandboxError if the driver does not tell."""
    gpu = os.environ.get("CUDA_VISIBLE_DEVICES") or "0"
    try:
        answer = subprocess.run([*_QUERY, "-i", gpu], capture_output=True, encoding="utf-8", check=True, timeout=20)
        return int(answer.stdout.split()[0])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise SandboxError(f"nvidia-smi does not say how much GPU memory is in use: {error}") from error
