"""Hash the grader itself: all of its own code that a grading runs, and the versions of its libraries.

When this hash changes, stored gradings are no longer valid.
"""

from __future__ import annotations

import functools
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

import grader
from grader.course import fingerprint

# The packages that a grading process imports, besides errors.py. A test compares this list with the imports.
PACKAGES = (
    *("course", "datasets", "files", "grading", "intake", "records"),
    *("running", "sandbox", "vocabulary", "worker", "written"),
)
_LIBRARIES = ("torch", "numpy", "pytest", "msgspec", "safetensors")


@functools.cache
def engine_sha256() -> str:
    """Return the hash. It ignores docstrings and comments of our code."""
    home = Path(grader.__file__).parent
    files = [home / "errors.py", *(path for name in PACKAGES for path in sorted((home / name).rglob("*.*")))]
    sha = hashlib.sha256(platform.python_version().encode())
    for path in files:
        if path.suffix == ".py":
            sha.update(f"{path.relative_to(home)} {fingerprint.of_code(path.read_text(encoding='utf-8'))}\n".encode())
        elif path.suffix == ".ini":
            sha.update(path.read_bytes())
    for name in _LIBRARIES:
        sha.update(f"{name} {version(name)}\n".encode())
    return sha.hexdigest()
