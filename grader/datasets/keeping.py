"""Make files once and keep them in the user's cache, whole or not at all."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from grader.datasets.folders import user_cache
from grader.files import whole_file

with contextlib.suppress(ImportError):  # Windows has none: only practice at home runs there, in one process
    import fcntl


def keep(path: Path, make: Callable[[Path], None]) -> Path:
    """Return ``path``; if it is missing, first call ``make``, which writes the file at the path it is given.

    Only one process at a time makes files: others that start together with it wait instead of doing the same work.
    """
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    user_cache().mkdir(parents=True, exist_ok=True)
    with (user_cache() / ".lock").open("w", encoding="utf-8") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            whole_file.make(path, make)
    return path
