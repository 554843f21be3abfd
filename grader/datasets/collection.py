"""The data sets of one profile, each made or read when it is first asked for, and shared by the checks of a process."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from grader.datasets.catalog import DatasetCatalog
from grader.datasets.dataset import PretrainedWeights, Source
from grader.errors import CourseError, DatasetError

_DRAWS = 8  # stand-ins that a process keeps: those of a class, and of the hidden checks of one submission


class Datasets:
    """What a check's ``datasets`` is: ``datasets.ratings`` is the data set of that name.

    In ``mini`` all are stand-ins, drawn from the run's secret ``seed``; each ``draw`` of a seed gives others.
    In ``full`` all are real. A data set is shared by every check of a process: copy before changing one.
    """

    def __init__(self, catalog: DatasetCatalog, profile: str, seed: int, draw: int = 1) -> None:
        self.profile = profile
        self._catalog = catalog
        # Hashed, so that nobody who finds out the seed of the data knows that of other inputs.
        self._seed = int.from_bytes(hashlib.sha256(f"data sets/{seed}/{draw}".encode()).digest()[:8]) >> 1

    def __getattr__(self, attribute: str) -> Any:
        """Return the data set that is called so; raises CourseError, or DatasetError for real data that are missing."""
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        name = self._catalog.named(attribute)
        try:
            value = self._made(name)
        except ModuleNotFoundError as error:
            raise DatasetError(f"the data set {name} needs {error.name}: pip install {error.name}") from error
        setattr(self, attribute, value)  # found without this method from now on
        return value

    def _made(self, name: str) -> Any:
        if self.profile == "full":
            return _read(self._catalog, name, self._catalog.require(name))
        if isinstance(self._catalog[name], PretrainedWeights):
            return _weights(self._catalog, name)
        return _drawn(self._catalog, name, self._seed)

    @property
    def torch_home(self) -> Path:
        """The folder to mount read-only as TORCH_HOME, of the only data set that holds pretrained weights."""
        return self.torch_home_of(*weights_among(self._catalog, self._catalog.names))

    def torch_home_of(self, name: str) -> Path:
        """Return the folder of one data set with pretrained weights."""
        dataset = self._catalog[name]
        if not isinstance(dataset, PretrainedWeights):
            raise CourseError(f"the data set {name} holds no pretrained weights: it has no torch_home")
        return dataset.torch_home(None if self.profile == "mini" else self._catalog.require(name))


def weights_among(catalog: DatasetCatalog, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the one data set among ``names`` that holds pretrained weights, or none; raises CourseError for two."""
    found = tuple(name for name in dict.fromkeys(names) if isinstance(catalog[name], PretrainedWeights))
    if len(found) > 1:
        raise CourseError(f"{' and '.join(found)} would both be TORCH_HOME, which is one folder: use one of them")
    return found


@cache
def _read(catalog: DatasetCatalog, name: str, source: Source) -> Any:
    return catalog[name].read(source)


@cache
def _weights(catalog: DatasetCatalog, name: str) -> Any:
    return catalog[name].mini(0)


@lru_cache(maxsize=_DRAWS)
def _drawn(catalog: DatasetCatalog, name: str, seed: int) -> Any:
    return catalog[name].mini(seed)
