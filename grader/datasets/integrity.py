"""Check that the real data found are the published ones, by their SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.datasets.catalog import DatasetCatalog
from grader.datasets.dataset import Source
from grader.errors import DatasetError


@dataclass(frozen=True)
class Checked:
    """One file of a data set; ``problem`` is empty when it is the published one, else it says what to do."""

    name: str
    path: Path
    problem: str


def check_all(catalog: DatasetCatalog) -> Iterator[Checked]:
    """Yield every file of every data set in GRADER_DATA and in the caches, one after the other: reading takes time."""
    for name in catalog.names:
        for source in catalog.find_all(name):
            optional = catalog.versions(name)[source.version].optional
            for path, pin in _files(source, optional):
                yield Checked(name, path, _problem(source, path, pin))


def published_file(source: Source, name: str = "") -> bytes:
    """Return one file of a data set: the file ``name`` of a folder, or the data set itself where it is one file.

    Raises:
        DatasetError: the file is missing or is not the published one; says how to get that.
    """
    path = source.path / name if name else source.path
    if not path.is_file():
        raise DatasetError(f"{path} {_missing(source)}")
    content = path.read_bytes()
    found, pin = hashlib.sha256(content).hexdigest(), source.sha256[path.name]
    if found != pin:
        raise DatasetError(f"{path} {_other(source, found, pin)}")
    return content


def _files(source: Source, optional: Sequence[str]) -> list[tuple[Path, str]]:
    if source.path.is_file():
        return [(source.path, source.sha256[source.path.name])]
    files = ((source.path / name, pin) for name, pin in source.sha256.items())
    return [(path, pin) for path, pin in files if path.name not in optional or path.exists()]


def _problem(source: Source, path: Path, pin: str) -> str:
    if not path.is_file():
        return _missing(source)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return "" if found == pin else _other(source, found, pin)


def _missing(source: Source) -> str:
    return f"is missing: {source.repair}"


def _other(source: Source, found: str, pin: str) -> str:
    return f"has SHA-256 {found}, not {pin}: delete it; {source.repair}"
