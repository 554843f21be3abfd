"""Give code that wants a screen none: matplotlib draws into memory whatever it is asked for, and waits for nobody.

A library is changed when it is imported, so that nobody pays for one that they do not use.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_NEED_NO_SCREEN = {"agg", "cairo", "pdf", "pgf", "ps", "svg", "template"}


def install() -> None:
    """Change the libraries that are loaded, and have the others changed when they are imported."""
    for name, change in _CHANGES.items():
        if name in sys.modules:
            change(sys.modules[name])
    sys.meta_path.insert(0, _ChangesOnImport())


def _change_matplotlib(matplotlib: ModuleType) -> None:
    use = matplotlib.use
    matplotlib.use = lambda backend, *, force=True: use(_screenless(backend), force=force)  # type: ignore[attr-defined]


def _change_pyplot(pyplot: ModuleType) -> None:
    switch_backend = pyplot.switch_backend
    pyplot.switch_backend = lambda newbackend: switch_backend(_screenless(newbackend))  # type: ignore[attr-defined]
    for name in ("show", "pause"):  # pause() would sleep
        setattr(pyplot, name, _nothing)
    pyplot.Figure.show = _nothing


def _change_tqdm_notebook(module: ModuleType) -> None:
    """Make its bars those of a terminal: the others need Jupyter's widgets."""
    standard = importlib.import_module("tqdm.std")
    for name, bar in (("tqdm", standard.tqdm), ("trange", standard.trange)):
        setattr(module, name, bar)
        setattr(module, "tqdm_notebook" if name == "tqdm" else "tnrange", bar)


_CHANGES: dict[str, Callable[[ModuleType], None]] = {
    "matplotlib": _change_matplotlib,
    "matplotlib.pyplot": _change_pyplot,
    "tqdm.notebook": _change_tqdm_notebook,
}


def _screenless(backend: Any) -> Any:
    """Return the backend if it needs no screen, else one that does not."""
    return backend if str(backend).casefold() in _NEED_NO_SCREEN else "agg"


def _nothing(*_: Any, **__: Any) -> None:
    """Show nothing, wait for nothing."""


class _ChangesOnImport:
    """Finds the libraries above where they are, and changes each once it is loaded."""

    def __init__(self) -> None:
        self._finding = False

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002 -- importlib's signature
        """Return the spec that the other finders find, with a loader that changes the module."""
        if name not in _CHANGES or self._finding:
            return None
        self._finding = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._finding = False
        if spec and spec.loader:
            spec.loader = _Changing(spec.loader, _CHANGES[name])
        return spec


class _Changing(Loader):
    """Loads a module as another loader does, then changes it."""

    def __init__(self, loader: Any, change: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._change = change

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Make the module as the other loader does."""
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, and change it."""
        if module.__spec__:  # from here on it is as if nobody had stood between
            module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._change(module)
