"""The hostile submissions of a course, and what each must come to."""

from __future__ import annotations

import importlib.util
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from grader.course.catalog import Course
from grader.errors import CourseError

FOLDER = Path("tests", "submissions", "hostile")
_ROW = re.compile(r"([A-Z])(\d+)-")


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a level is known to let through: all harm has the words ``harm`` (a regular expression), and why."""

    harm: str
    why: str


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``attack.toml``. ``allowed`` says, for levels at which an attack is known not to be stopped, what it may do."""

    title: str
    score: float = 0.0  # the most points it may earn
    verdicts: tuple[str, ...] = ()  # every check has one of them
    message: str = ""  # a regular expression: what the student must read
    unseen: str = ""  # a regular expression: what the student must not read
    how: Literal["stopped", "detected", "not measured without a GPU"] = "stopped"
    refused: str = ""  # intake refuses it with these words
    build: bool = False  # build.py makes the submission
    name: str = ""  # the submission's, instead of its folder's
    allowed: dict[str, Known] = {}


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile submission."""

    folder: Path
    expectation: Expectation

    @property
    def name(self) -> str:
        """The folder's name: the row of the threat table, then words."""
        return self.folder.name

    @property
    def row(self) -> str:
        """The row of the threat table: D1 ... D37 as published, X1 ... our own."""
        return self.name.partition("-")[0]

    def submission(self, scratch: Path) -> Path:
        """The path to hand in, made in ``scratch``: a copy without what is ours, or what build.py builds."""
        if not self.expectation.build:
            ours = shutil.ignore_patterns("attack.toml")
            return Path(shutil.copytree(self.folder, scratch / self.name, symlinks=True, ignore=ours))
        spec = importlib.util.spec_from_file_location("build", self.folder / "build.py")
        if spec is None or spec.loader is None:
            raise CourseError(f"{self.folder / 'build.py'} cannot be loaded")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        built: Path = module.build(scratch)
        return built


def attacks(course: Course) -> list[Attack]:
    """All of them, by row; raises CourseError where there are none (an installed grader has only its own files)."""
    folder = course.root / FOLDER
    found = [Attack(path.parent, _expectation(path)) for path in sorted(folder.glob("*/attack.toml"))]
    if not found:
        raise CourseError(f"there are no hostile submissions in {folder}: run this in a checkout of the course")
    return sorted(found, key=lambda attack: _order(attack.name))


def _expectation(path: Path) -> Expectation:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Expectation)
    except msgspec.MsgspecError as error:
        raise CourseError(f"{path}: {error}") from error


def _order(name: str) -> tuple[str, int, str]:
    match = _ROW.match(name)
    return (match[1], int(match[2]), name) if match else ("", 0, name)
