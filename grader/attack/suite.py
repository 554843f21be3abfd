"""The hostile submissions of a course, and the outcome that each must have."""

from __future__ import annotations

import importlib.util
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from grader.course import course_toml
from grader.course.catalog import Course
from grader.course.course_toml import AttackConfig
from grader.errors import CourseError

_ROW = re.compile(r"([A-Z])(\d+)-")


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a level is known to let through: every harm matches the regular expression ``harm``; ``why`` says why."""

    harm: str
    why: str


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of ``attack.toml``; ``allowed`` says what the attack may do at levels known not to stop it."""

    title: str
    score: float = 0.0  # the most points it may earn
    verdicts: tuple[str, ...] = ()  # every check has one of these
    message: str = ""  # a regular expression that the student's report must match
    unseen: str = ""  # a regular expression that it must not match
    how: Literal["stopped", "detected", "not measured without a GPU"] = "stopped"
    refused: str = ""  # a regular expression: intake refuses it with such words
    build: bool = False  # whether build.py makes the submission
    name: str = ""  # the submission's name, if it is not its folder's
    allowed: dict[str, Known] = {}


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile submission."""

    folder: Path
    expectation: Expectation

    @property
    def name(self) -> str:
        """The folder's name: the row of the table of attacks, then words."""
        return self.folder.name

    @property
    def row(self) -> str:
        """The row of the table: D1 ... D37 are from the published list of attacks, X1 ... are our own."""
        return self.name.partition("-")[0]

    def submission(self, scratch: Path) -> Path:
        """Make what is handed in below ``scratch`` and return its path: a copy, or what build.py makes."""
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


def config_of(course: Course) -> AttackConfig:
    """Return where the hostile submissions lie and which assignment they attack.

    Raises:
        CourseError: the course names none in its course.toml.
    """
    if course.config.attacks is None:
        raise CourseError(
            f"this course has no hostile submissions: {course.root / course_toml.FILE} has no [attacks] "
            "with a folder and an assignment"
        )
    return course.config.attacks


def attacks(course: Course) -> list[Attack]:
    """Return all attacks, sorted by row; raises CourseError if there are none."""
    folder = course.root / config_of(course).folder
    found = [Attack(path.parent, _expectation(path)) for path in sorted(folder.glob("*/attack.toml"))]
    if not found:
        raise CourseError(f"there are no hostile submissions in {folder}: none of its folders has an attack.toml")
    return sorted(found, key=lambda attack: _order(attack.name))


def _expectation(path: Path) -> Expectation:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Expectation)
    except msgspec.MsgspecError as error:
        raise CourseError(f"{path}: {error}") from error


def _order(name: str) -> tuple[str, int, str]:
    match = _ROW.match(name)
    return (match[1], int(match[2]), name) if match else ("", 0, name)
