"""Make harmless what a student's code asks of a notebook, of Google Colab, of a screen and of somebody at a keyboard.

These are conveniences, not walls: the student's code may undo them.
"""

from __future__ import annotations

import builtins
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Self

from . import screenless

_ONLY_IN_NOTEBOOKS = ("google.colab", "IPython", "ipywidgets")


def install() -> None:
    """Put the stand-ins in place; call it once, before any code of the student runs."""
    shell = Shell()
    builtins.input = _input
    # IPython has these among the built-in names, too.
    for name, value in (("get_ipython", lambda: shell), ("display", _nothing_is_shown)):
        setattr(builtins, name, value)
    sys.breakpointhook = _nothing_is_shown
    sys.meta_path.append(_NotebookModules())  # last: what is installed is imported
    screenless.install()


def _input(*_: object) -> str:
    raise EOFError(
        "input() waits for somebody to type, and nobody is there when your work is graded. "
        "Give the function its values as arguments."
    )


def _nothing_is_shown(*_: Any, **__: Any) -> None:
    """Do nothing."""


class Nothing:
    """Something that can be called, asked and gone through, and does nothing: ``drive.mount("/content/drive")``."""

    def __call__(self, *given: Any, **_: Any) -> Any:
        """Do nothing; leave a function that this decorates as it is (``@interact``)."""
        return given[0] if len(given) == 1 and callable(given[0]) else self

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):  # copy, pickle, inspect and torch ask for these to see what something is
            raise AttributeError(name)
        return self

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return ()  # as the base of a class it is none

    def __getitem__(self, key: object) -> Nothing:
        return self

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __repr__(self) -> str:
        return ""


class Shell(Nothing):
    """What ``get_ipython()`` returns: it runs no command."""

    def run_cell_magic(self, name: str = "", line: str = "", cell: str = "") -> None:
        """Write the file of ``%%writefile``; other magics do nothing (`magics` turns those that run code into code)."""
        if name in ("writefile", "file"):
            *options, path = line.split()
            with open(path.strip("\"'"), "a" if "-a" in options else "w", encoding="utf-8") as file:
                file.write(cell)

    def system(self, *_: Any, **__: Any) -> None:
        """Run no command."""

    def getoutput(self, *_: Any, **__: Any) -> list[str]:
        """Return what a command printed that was not run."""
        return []


class _NotebookModule(ModuleType):
    """A module of Jupyter's or Colab's, of which every name is there and does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        known = {
            "get_ipython": builtins.get_ipython,  # type: ignore[attr-defined]
            "display": _nothing_is_shown,
            "version_info": (9, 0, 0),  # matplotlib compares it: since 8.24 IPython itself chooses a back end
        }
        return known.get(name, Nothing())


class _NotebookModules:
    """Finds the modules that exist only in notebooks, if they are not installed."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002 -- importlib's signature
        """Return a spec for a stand-in, None for every other module."""
        if name == "google" or any(name == one or name.startswith(f"{one}.") for one in _ONLY_IN_NOTEBOOKS):
            return importlib.util.spec_from_loader(name, self, is_package=True)  # type: ignore[arg-type]
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stand-in."""
        return (ModuleType if spec.name == "google" else _NotebookModule)(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing: there is nothing in it."""
