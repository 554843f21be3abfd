"""A hash of the grader itself: of all of its own code that a grading runs, and of the libraries below it.

What was graded holds no longer when it changes.
"""

from __future__ import annotations

import functools
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

import grader
from grader.course import fingerprint

# What a grading process imports (a test compares this with the imports); errors.py is taken besides.
PACKAGES = (
    *("course", "datasets", "files", "grading", "intake", "records"),
    *("running", "sandbox", "vocabulary", "worker", "written"),
)
_LIBRARIES = ("torch", "numpy", "pytest", "msgspec", "safetensors")


@functools.cache
def engine_sha256() -> str:
    """Return the hash. Docstrings and comments of our code do not count, all else in its files does."""
    home = Path(grader.__file__).parent
    files = [home / "errors.py", *(path for name in PACKAGES for path in sorted((home / name).rglob("*.*")))]
    sha = hashlib.sha256(platform.python_version().encode())
    for path in files:
        if path.suffix == ".py":
            sha.update(f"{path.relative_to(home)} {fingerprint.of_code(path.read_text())}\n".encode())
        elif path.suffix == ".ini":
            sha.update(path.read_bytes())
    for name in _LIBRARIES:
        sha.update(f"{name} {version(name)}\n".encode())
    return sha.hexdigest()
