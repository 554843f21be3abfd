"""The data sets of one profile, each made or read when it is first asked for, once in a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from grader.datasets.catalog import DatasetCatalog
from grader.datasets.dataset import PretrainedWeights
from grader.errors import CourseError, DatasetError


class Datasets:
    """What a check's ``datasets`` is: ``datasets.ratings`` is the data set of that name.

    In ``mini`` all are stand-ins, in ``full`` all are real. A data set is shared by every check of a process: copy
    before changing one.
    """

    def __init__(self, catalog: DatasetCatalog, profile: str) -> None:
        self.profile = profile
        self._catalog = catalog

    def __getattr__(self, attribute: str) -> Any:
        """Return the data set that is called so; raises CourseError, or DatasetError for real data that are missing."""
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        name = self._catalog.named(attribute)
        dataset = self._catalog[name]
        try:
            value = dataset.mini() if self.profile == "mini" else dataset.read(self._catalog.require(name))
        except ModuleNotFoundError as error:
            raise DatasetError(f"the data set {name} needs {error.name}: pip install {error.name}") from error
        setattr(self, attribute, value)  # found without this method from now on
        return value

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
def open_datasets(catalog: DatasetCatalog, profile: str) -> Datasets:
    """Return the data sets of ``mini`` or ``full``; the same object in the whole process, so nothing is read twice."""
    return Datasets(catalog, profile)
