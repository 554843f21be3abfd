"""Check the functions of a running notebook: as its cells have defined them, without a file."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.practice.home import find_home, submission_of
from grader.practice.run import practise, torch_home
from grader.practice.told import told
from grader.sandbox.direct import DirectSlot, DirectWorker
from grader.worker.limits import WorkerLimits

_NOTEBOOK = "notebook.ipynb"


def check_namespace(namespace: Mapping[str, Any], names: Sequence[str], folder: Path) -> bool:
    """Run the visible checks of the parts ``names`` on functions in ``namespace``; print them, return if all pass."""
    home = find_home(folder)
    parts = home.parts(names)
    with _own_random_numbers():
        record = practise(submission_of({_NOTEBOOK: b""}, home.folder), parts, LiveSlot(namespace, torch_home(parts)))
    print(told(record), end="")  # noqa: T201 -- a notebook shows what a cell prints
    return all(check.score == check.points for part in record.parts for check in part.checks)


@contextmanager
def _own_random_numbers() -> Iterator[None]:
    """Within this, random numbers are drawn that the notebook does not miss: its next ones are as without a check."""
    import numpy as np
    import torch

    plain, arrays = random.getstate(), np.random.get_state()  # noqa: NPY002 -- the generator that calls are seeded with
    with torch.random.fork_rng(devices=[]):
        yield
    random.setstate(plain)
    np.random.set_state(arrays)  # noqa: NPY002


class LiveSlot(DirectSlot):
    """A slot whose workers have nothing to load: the functions are in a namespace already."""

    def __init__(self, namespace: Mapping[str, Any], torch_home: Path | None) -> None:
        super().__init__(torch_home)
        self._namespace = namespace

    def worker(self, limits: WorkerLimits) -> DirectWorker:
        """Return a worker that answers with functions of the namespace."""
        return _LiveWorker(limits, self._torch_home, self._namespace)


class _LiveWorker(DirectWorker):
    def __init__(self, limits: WorkerLimits, torch_home: Path | None, namespace: Mapping[str, Any]) -> None:
        super().__init__(limits, torch_home)
        self._server = _server(limits, self._home, namespace)


def _server(limits: WorkerLimits, home: str, namespace: Mapping[str, Any]) -> Any:
    """Return the worker's server, which loads nothing and finds each entry point by its name or an alias."""
    from grader.worker.child import Server
    from grader.worker.loader import LoadRequest, StudentCode
    from grader.worker.values import Encoder
    from grader.worker.wire import Frame

    class LiveServer(Server):
        def _load(self, request: Frame, encoder: Encoder) -> Any:
            self._code = StudentCode(LoadRequest.of(request.header), constant_of=namespace.get)
            for entry_point, wanted in self._code.request.wanted.items():
                found = [name for name in (entry_point, *wanted.aliases) if callable(namespace.get(name))]
                if found:
                    self._code.functions[entry_point] = namespace[found[0]]
                    place = {"name": found[0], "file": _NOTEBOOK, "cell": 0, "line": 0}
                    self._code.places[entry_point] = place
            return encoder.encode(self._code.reply())

    return LiveServer(None, limits, home)
