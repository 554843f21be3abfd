"""The folders in which data sets may lie: ``GRADER_DATA``, the user's cache, and the cache of ``torch.hub``."""

from __future__ import annotations

import os
from pathlib import Path

from grader.errors import UsageError
from grader.files.user_cache import cache_home, user_cache

__all__ = ["data_folders", "torch_cache", "user_cache"]


def data_folders() -> dict[str, Path]:
    """Return the folders to look in, by the names we call them, the first one first.

    Raises:
        UsageError: GRADER_DATA names no folder.
    """
    folders = {}
    if chosen := os.environ.get("GRADER_DATA"):
        if not Path(chosen).is_dir():
            raise UsageError(f"GRADER_DATA is {chosen}, which is no folder; make it, or unset GRADER_DATA")
        folders["GRADER_DATA"] = Path(chosen).absolute()
    return folders | {"cache": user_cache()}


def torch_cache() -> Path:
    """Return the cache of ``torch.hub``, as torch decides it."""
    return Path(os.environ.get("TORCH_HOME") or cache_home() / "torch")
