"""Which device to compute on. Decided from device files: torch is never asked before a fork."""

from __future__ import annotations

from pathlib import Path

from grader.errors import UsageError


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
