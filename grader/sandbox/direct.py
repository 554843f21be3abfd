"""Level ``direct``: no sandbox; the student's code runs in this very process. For debugging a part with pdb.

A record made here says so and never counts as a grade. No limit holds: an endless loop never ends.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.sandbox.output import Output
from grader.sandbox.slot import Protections, SlotSettings
from grader.worker.limits import WorkerLimits
from grader.worker.wire import Buffer, Frame

_MISSING = ("everything: the student's code runs in the grading process itself",)


class Direct:
    """The level without a sandbox."""

    name = "direct"

    def obstacle(self) -> str:
        """Return an empty string: this level always works."""
        return ""

    def protections(self) -> Protections:
        """Return that nothing is protected."""
        return Protections((), _MISSING)

    def open_slot(self, settings: SlotSettings) -> DirectSlot:
        """Return a new slot. Raises nothing."""
        return DirectSlot(settings.torch_home)


class DirectSlot:
    """Makes workers that are not processes."""

    level = Direct.name
    protections: tuple[str, ...] = ()
    missing_protections: tuple[str, ...] = _MISSING
    pid: int | None = None

    def __init__(self, torch_home: Path | None) -> None:
        self.versions: dict[str, str] = {}
        self._torch_home = torch_home

    def worker(self, limits: WorkerLimits) -> DirectWorker:
        """Return a worker with a fresh folder and a fresh server, in our own interpreter."""
        return DirectWorker(limits, self._torch_home)

    def start(self) -> None:
        """Do nothing: there is nothing to start."""

    def wait_ready(self) -> None:
        """Do nothing: it is ready."""

    def close(self) -> None:
        """Do nothing: there is nothing to end."""

    def forget(self) -> None:
        """Do nothing: there is nothing to forget."""


class DirectWorker:
    """Answers requests by calling the worker's server in this process."""

    denied = 0.0  # not measured

    def __init__(self, limits: WorkerLimits, torch_home: Path | None) -> None:
        from grader.worker.child import Server

        self.output = Output()
        self._home = tempfile.mkdtemp(prefix="mlgrader-direct-")
        self._server = Server(None, limits, self._home)
        self._environment = dict(os.environ)
        if torch_home is not None:
            os.environ["TORCH_HOME"] = str(torch_home)
        self._path, self._finders = list(sys.path), list(sys.meta_path)
        self._builtins, self._modules = dict(vars(builtins)), set(sys.modules)
        self._folder = Path.cwd()
        self._request = 0

    def peak_bytes(self) -> int:
        """Return 0: what it needs cannot be told from what the grader itself does."""
        return 0

    def request(self, header: dict[str, Any], blob: Sequence[Buffer], *, seconds: float) -> Frame:  # noqa: ARG002
        """Answer the request here and now; ``seconds`` cannot be enforced."""
        self._request += 1
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            reply, answer = self._server.answer(Frame(header | {"id": self._request}, b"".join(blob)))
        self.output.add(printed.getvalue().encode(errors="backslashreplace"))
        return Frame(reply, b"".join(answer))

    def close(self) -> None:
        """Undo what loading a module did to this process."""
        sys.path[:], sys.meta_path[:] = self._path, self._finders
        for name in set(vars(builtins)) - set(self._builtins):
            delattr(builtins, name)
        vars(builtins).update(self._builtins)  # `input` is Python's again
        os.environ.clear()
        os.environ.update(self._environment)
        for name, module in list(sys.modules.items()):  # the next student's `helper` is another file
            if str(getattr(module, "__file__", "")).startswith(self._home + os.sep) or self._is_folder(name, module):
                del sys.modules[name]
        os.chdir(self._folder)
        shutil.rmtree(self._home, ignore_errors=True)

    def _is_folder(self, name: str, module: object) -> bool:
        """Return whether a module is a folder without files of its own, and came since this worker began."""
        return name not in self._modules and hasattr(module, "__path__") and getattr(module, "__file__", None) is None
