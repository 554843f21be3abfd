"""A data set as a handout has it: its values in files that students can read, too, without the code that made them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from grader.datasets.dataset import About, Download, Source
from grader.errors import DatasetError


def recorded(value: Any) -> tuple[str, bytes] | None:
    """Return a value as a file: the ending of its name, and its content; None if it cannot be recorded.

    A table becomes CSV, a tensor a NumPy array, a text or a tuple of texts JSON.
    """
    import numpy as np
    import torch

    pandas = sys.modules.get("pandas")  # without it there is no table
    if pandas and isinstance(value, pandas.DataFrame):
        return ".csv", value.to_csv(index=False, lineterminator="\n").encode()
    if isinstance(value, torch.Tensor):
        file = io.BytesIO()
        np.save(file, value.numpy(), allow_pickle=False)
        return ".npy", file.getvalue()
    if isinstance(value, str | tuple) and all(isinstance(item, str) for item in value):
        return ".json", json.dumps(value, ensure_ascii=False).encode()
    return None


class Recorded:
    """A data set whose values lie in ``folder``, one in each file; checks read them by the names of the files."""

    def __init__(self, folder: Path, *, title: str, terms: str, mini: str) -> None:
        self._folder = folder
        nowhere = Download(url="", sha256="", megabytes=0, version="")
        self.about = About(title=title, terms=terms, mini=mini, versions={}, download=nowhere)

    def mini(self, seed: int) -> SimpleNamespace:  # noqa: ARG002
        """Return the values, whatever the seed is; raises DatasetError when there are none."""
        files = sorted(path for path in self._folder.glob("*.*") if path.suffix in _READ)
        if not files:
            raise DatasetError(f"{self._folder} holds no data: unpack the handout again")
        return SimpleNamespace(**{path.stem: _READ[path.suffix](path) for path in files})

    def read(self, source: Source) -> Any:
        """Raise DatasetError: a handout holds no real data."""
        raise DatasetError(f"a handout holds no real data, so {source.name} cannot be read here")


def _table(path: Path) -> Any:
    import pandas as pd

    return pd.read_csv(path, keep_default_na=False)


def _tensor(path: Path) -> Any:
    import numpy as np
    import torch

    return torch.from_numpy(np.load(path, allow_pickle=False))


def _texts(path: Path) -> Any:
    value = json.loads(path.read_text(encoding="utf-8"))
    return tuple(value) if isinstance(value, list) else value


_READ: dict[str, Callable[[Path], Any]] = {".csv": _table, ".npy": _tensor, ".json": _texts}
