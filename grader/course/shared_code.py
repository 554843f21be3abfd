"""Files ``_*.py`` beside checks, references and make.py: code that several of them share, imported by its plain name.

A file imports them at its top. Two assignments may have files of the same name, so none stays imported.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def shared_in(folder: Path) -> tuple[Path, ...]:
    """Return the files of shared code in a folder of checks or references, sorted; they belong to no part."""
    return tuple(sorted(folder.glob("_*.py")))


@contextmanager
def importable(folders: Iterable[Path]) -> Iterator[None]:
    """Let files import the shared code in ``folders``, after everything that is installed; afterwards forget it."""
    added = [str(folder) for folder in dict.fromkeys(folders)]
    sys.path += added
    importlib.invalidate_caches()  # a file may have been written a moment ago
    try:
        yield
    finally:
        for folder in (folder for folder in added if folder in sys.path):  # without a sandbox a worker sets sys.path
            sys.path.remove(folder)
        for name in [name for name in sys.modules if name.startswith("_")]:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.rpartition(os.sep)[0] in added:  # a Path each would take ten times as long
                del sys.modules[name]
