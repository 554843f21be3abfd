"""Load a student's part by file path, under a private module name.

Until here the submission is only data: its files arrive over the wire and are written into the worker's own folder. The
other files can be imported from there, but that folder comes last on ``sys.path``: a stray ``random.py`` never replaces
the real module.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StudentCode:
    """The loaded module, its functions by entry point, and the name each has in the module (perhaps an alias)."""

    module: Any
    functions: dict[str, Any]
    names: dict[str, str]


def write(home: str, files: Mapping[str, bytes]) -> None:
    """Write the submission's files below ``home``; none of them runs yet. Raises OSError, which is our fault."""
    for path, content in files.items():
        target = os.path.join(_root(home), path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)


def load(home: str, module: str, entry_points: Mapping[str, Sequence[str]]) -> StudentCode:
    """Run ``module``, one of the files below ``home``, and bind each entry point by its name or one of its aliases.

    A missing entry point is left out of the result. Raises whatever the student's module raises.
    """
    root = _root(home)
    path = os.path.join(root, module)
    sys.path += [os.path.dirname(path), root]
    os.chdir(os.path.dirname(path))
    return _bind(_execute(path), entry_points)


def _root(home: str) -> str:
    return os.path.join(home, "submission")


def _execute(path: str) -> Any:
    name = "submission_" + os.path.splitext(os.path.basename(path))[0].replace(" ", "_")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickling inside the student's code look it up
    spec.loader.exec_module(module)
    return module


def _bind(module: Any, entry_points: Mapping[str, Sequence[str]]) -> StudentCode:
    functions: dict[str, Any] = {}
    names: dict[str, str] = {}
    for name, aliases in entry_points.items():
        found = next((n for n in (name, *aliases) if hasattr(module, n)), None)
        if found is None:
            continue
        functions[name] = getattr(module, found)
        names[name] = found
    return StudentCode(module, functions, names)
