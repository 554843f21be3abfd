"""Hash the grader itself: all of its own code that a grading runs, and the versions of its libraries.

When this hash changes, stored gradings are no longer valid.
"""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import grader
from grader.course import fingerprint

# The packages that a grading process imports, besides errors.py and reports (which change no score). A test compares
# this list with the imports.
PACKAGES = (
    *("course", "datasets", "files", "grading", "intake", "records"),
    *("running", "sandbox", "vocabulary", "worker", "written"),
)
_LIBRARIES = ("torch", "numpy", "pytest", "msgspec", "safetensors")


@functools.cache
def engine_sha256() -> str:
    """Return the hash. It ignores docstrings and comments, so it parses every file of the grader: half a second."""
    return _sha256(lambda path: fingerprint.of_code(path.read_text(encoding="utf-8")))


@functools.cache
def grader_version() -> str:
    """Return a hash that a changed comment changes, too; it takes milliseconds. Records of a class carry it."""
    return _sha256(lambda path: hashlib.sha256(path.read_bytes()).hexdigest())


def _sha256(code: Callable[[Path], str]) -> str:
    home = Path(grader.__file__).parent
    files = [home / "errors.py", *(path for name in PACKAGES for path in sorted((home / name).rglob("*.*")))]
    sha = hashlib.sha256(platform.python_version().encode())
    for path in files:
        if path.suffix == ".py":
            sha.update(f"{path.relative_to(home)} {code(path)}\n".encode())
        elif path.suffix == ".ini":
            sha.update(path.read_bytes())
    for name in _LIBRARIES:
        sha.update(f"{name} {version(name)}\n".encode())
    return sha.hexdigest()
