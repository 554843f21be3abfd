"""The data sets of a course: found by path below ``fixtures/datasets/``, and the real ones by where they may lie.

Listing and finding read no data and import no large library (no torch, no pandas): a command asks before it grades.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from grader.datasets.dataset import Dataset, Download, Source, Version
from grader.datasets.folders import data_folders, torch_cache
from grader.errors import CourseError, DatasetError, did_you_mean

TORCH_CACHE = "torch's cache"


@dataclass(frozen=True, eq=False)
class DatasetCatalog:
    """The data sets whose files lie in ``folder``.

    ``declared`` holds, by data set, further versions that its reader understands and nobody can download: those that a
    course names in its course.toml.
    """

    folder: Path
    declared: Mapping[str, Mapping[str, Version]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the data sets, sorted."""
        return tuple(sorted(path.stem for path in self.source_files if not path.stem.startswith("_")))

    @property
    def source_files(self) -> tuple[Path, ...]:
        """Every Python file that the data sets are made of: what to hash to know when one of them has changed."""
        return tuple(sorted(self.folder.glob("*.py")))

    def code_of(self, name: str) -> tuple[Path, ...]:
        """Return the file of a data set and the files beside it that it imports, directly or through others."""
        waiting, found = [self.folder / f"{name}.py"], dict[Path, None]()
        while waiting:
            path = waiting.pop()
            if path not in found and path.is_file():
                found[path] = None
                waiting += [self.folder / f"{module}.py" for module in _imported_beside(path)]
        return tuple(found)

    def __getitem__(self, name: str) -> Dataset:
        """Return a data set.

        Raises:
            CourseError: there is none of this name, or its file cannot be loaded or defines no data set.
        """
        if name not in self.names:
            raise CourseError(f"no data set {name!r}{did_you_mean(name, self.names)}")
        dataset = getattr(self.module(name), "dataset", None)
        if not isinstance(dataset, Dataset):
            raise CourseError(f"{self.folder / name}.py defines no `dataset` with about, mini and read")
        return dataset

    def named(self, attribute: str) -> str:
        """Return the name of the data set that checks call ``attribute``; raises CourseError where there is none."""
        if attribute in self.names:
            return attribute
        called = {self[name].about.also_called: name for name in self.names}
        if attribute in called:
            return called[attribute]
        raise CourseError(f"no data set {attribute!r}{did_you_mean(attribute, self.names)}")

    def module(self, name: str) -> ModuleType:
        """Return one of the files as a module; the files import each other by relative imports.

        Raises:
            CourseError: the file cannot be loaded; names the package to install where one is missing.
        """
        try:
            return importlib.import_module(f"{self._package()}.{name}")
        except ModuleNotFoundError as error:
            if (error.name or "").startswith(self._package()):
                raise CourseError(f"{self.folder / name}.py cannot be loaded: {error}") from error
            raise CourseError(f"{self.folder / name}.py needs {error.name}: pip install {error.name}") from error
        except Exception as error:
            raise CourseError(f"{self.folder / name}.py cannot be loaded: {type(error).__name__}: {error}") from error

    def _package(self) -> str:
        """Make the folder a package of this process, once, and return the package's name."""
        folder = self.folder.resolve()
        name = f"course_datasets_{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
        if name not in sys.modules:
            package = ModuleType(name, "The data sets of a course.")
            package.__path__ = [str(folder)]
            sys.modules[name] = package
        return name

    def versions(self, name: str) -> dict[str, Version]:
        """Return the versions of a data set that can be read, the best first; those a course declares come last."""
        return {**self[name].about.versions, **self.declared.get(name, {})}

    def find(self, name: str) -> Source | None:
        """Return the real data set that a run uses, or None; raises UsageError when GRADER_DATA names no folder."""
        return next(iter(self.find_all(name)), None)

    def find_all(self, name: str) -> list[Source]:
        """Return every version of a data set that is here, the one that is used first."""
        download = self[name].about.download
        return [
            Source(name, kind, folder / place, origin, version.sha256, _repair(name, kind, download, origin, folder))
            for origin, folder in self._folders(name)
            for kind, version in self.versions(name).items()
            for place in version.places
            if (folder / place).exists()
        ]

    def require(self, name: str) -> Source:
        """Return the real data set of this name; raises DatasetError, which says what to do, where it is not here."""
        if source := self.find(name):
            return source
        raise DatasetError(
            f"the profile full needs {name}, which is not here: run `grader data fetch {name}`, "
            "or set GRADER_DATA to the folder that holds it"
        )

    def effective_profile(self, names: Iterable[str], profile: str) -> str:
        """Return ``full`` when that is asked for and every data set named is here, else ``mini``."""
        return "full" if profile == "full" and all(self.find(name) for name in names) else "mini"

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return those of ``names`` whose real data are not here, each once."""
        return [name for name in dict.fromkeys(names) if not self.find(name)]

    def folders(self) -> list[Path]:
        """Return every folder that data sets may lie in: labels are there, so no student's code may read them."""
        everywhere = (folder for name in self.names for _, folder in self._folders(name))
        return list(dict.fromkeys((*data_folders().values(), *everywhere)))

    def still_here(self, names: Sequence[str]) -> None:
        """Raise DatasetError when a data set that a run began with is gone: a whole class is graded on the same one."""
        for name in names:
            if self.find(name) is None:
                raise DatasetError(f"{name} was here when the run began and is gone: bring it back, and run this again")

    def _folders(self, name: str) -> Iterator[tuple[str, Path]]:
        yield from data_folders().items()
        if self[name].about.in_torch_cache:
            yield TORCH_CACHE, torch_cache()


def _repair(name: str, version: str, download: Download, origin: str, folder: Path) -> str:
    """Say what brings the right files back to where they were found; a version that is only declared cannot be had."""
    if version != download.version:
        return f"copy it again, or `grader data fetch {name}` gets {download.file}"
    place = f" --to {folder}" if origin == "GRADER_DATA" else ""
    return f"`grader data fetch {name}{place}` gets it"


def _imported_beside(path: Path) -> list[str]:
    """Return what a file imports from its own folder: ``from ._planted import plant``, ``from . import _drawn``."""
    nodes = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    return [name for node in nodes for name in ([node.module] if node.module else [alias.name for alias in node.names])]
