"""Whether the real data that were found are the published ones: their SHA-256 against the pins."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.datasets.published import DESCRIPTIONS, PINS
from grader.datasets.sources import NAMES, Source, find_all
from grader.errors import DatasetError

_USED = {"README.txt", "movies.csv", "ratings.csv"}  # of MovieLens; the others may be left out


@dataclass(frozen=True)
class Checked:
    """One file of a data set; ``problem`` is empty when it is the published one, else it says what to do."""

    name: str
    path: Path
    problem: str


def check_all() -> Iterator[Checked]:
    """Every file of every data set in GRADER_DATA and in the caches, one after the other: reading takes its time."""
    for name in NAMES:
        for source in find_all(name):
            for path, pin in _files(source):
                yield Checked(name, path, _problem(source, path, pin))


def published_file(source: Source, name: str) -> bytes:
    """A file of a data set that is a folder, read once; raises DatasetError if it is not the published one."""
    path = source.path / name
    if not path.is_file():
        raise DatasetError(f"{path} {_missing(source)}")
    content = path.read_bytes()
    found, pin = hashlib.sha256(content).hexdigest(), PINS[f"{source.path.name}/{name}"]
    if found != pin:
        raise DatasetError(f"{path} {_other(source, found, pin)}")
    return content


def _files(source: Source) -> list[tuple[Path, str]]:
    if source.path.is_file():
        return [(source.path, PINS[source.path.name])]
    pins = {key.split("/")[1]: pin for key, pin in PINS.items() if key.startswith(f"{source.path.name}/")}
    return [(source.path / file, pin) for file, pin in pins.items() if file in _USED or (source.path / file).exists()]


def _problem(source: Source, path: Path, pin: str) -> str:
    if not path.is_file():
        return _missing(source)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return "" if found == pin else _other(source, found, pin)


def _missing(source: Source) -> str:
    return f"is missing: {_repair(source)}"


def _other(source: Source, found: str, pin: str) -> str:
    return f"has SHA-256 {found}, not {pin}: delete it; {_repair(source)}"


def _repair(source: Source) -> str:
    """What brings the right file back to where it was found; the versions we only accept can be had nowhere."""
    if source.kind in ("cifar10-jpg", "tinyimagenet64"):
        return f"copy it again, or `grader data fetch {source.name}` gets {DESCRIPTIONS[source.name].download.file}"
    place = f" --to {source.path.parent}" if source.origin == "GRADER_DATA" else ""
    return f"`grader data fetch {source.name}{place}` gets it"
