"""The folder of this user in which the grader keeps what can be fetched or computed again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_home() -> Path:
    """Return the folder for the caches of all programs, as the XDG base directory specification decides it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def user_cache() -> Path:
    """Return ours; it need not exist yet."""
    return cache_home() / "mlgrader"
