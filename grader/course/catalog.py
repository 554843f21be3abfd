"""The course on disk: assignments and parts, found by path alone.

A part is four paths and nothing else; there is no list to keep::

    reference/<assignment>/<part>.py                     grader/checks/<assignment>/check_<part>.py
    student_template/<assignment>/<part>.py              fixtures/<assignment>/<part>/
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from grader.course.part_toml import PartConfig
from grader.course.stubs import EntryPoint, entry_points
from grader.errors import CourseError, UsageError

_MARKERS = ("reference", "fixtures", "grader/checks")


@dataclass(frozen=True)
class Part:
    """One part of an assignment, by its place in the course."""

    course: Path
    assignment: str
    name: str

    @property
    def identity(self) -> str:
        """``assignment/part``."""
        return f"{self.assignment}/{self.name}"

    @property
    def reference(self) -> Path:
        """The solution."""
        return self.course / "reference" / self.assignment / f"{self.name}.py"

    @property
    def template(self) -> Path:
        """The generated stub."""
        return self.course / "student_template" / self.assignment / f"{self.name}.py"

    @property
    def check_file(self) -> Path:
        """The graded checks."""
        return self.course / "grader" / "checks" / self.assignment / f"check_{self.name}.py"

    @property
    def fixture_folder(self) -> Path:
        """Facts, fixture data, mistakes, variants, calibration."""
        return self.course / "fixtures" / self.assignment / self.name

    @property
    def mistakes(self) -> tuple[Path, ...]:
        """The known wrong solutions, by name."""
        return tuple(sorted((self.fixture_folder / "mistakes").glob("*.py")))

    @property
    def variants(self) -> tuple[Path, ...]:
        """The known right solutions that differ from the reference, by name."""
        return tuple(sorted((self.fixture_folder / "variants").glob("*.py")))

    @property
    def right_solutions(self) -> dict[str, Path]:
        """The reference and the variants, by the names that calibrations and audits have for them."""
        return {"reference": self.reference} | {path.stem: path for path in self.variants}

    @cached_property
    def config(self) -> PartConfig:
        """The parsed ``part.toml``; raises CourseError naming the key that is wrong."""
        path = self.fixture_folder / "part.toml"
        try:
            return msgspec.convert(tomllib.loads(path.read_text()), PartConfig)
        except FileNotFoundError:
            raise CourseError(f"{path} is missing; `grader new {self.identity}` makes one") from None
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise CourseError(f"{path}: {error}") from None

    @cached_property
    def entry_points(self) -> tuple[EntryPoint, ...]:
        """The functions and classes a check may call: the public ones of the reference."""
        try:
            return entry_points(self.reference.read_text())
        except FileNotFoundError:
            raise CourseError(f"{self.reference} is missing") from None

    def alias_table(self) -> dict[str, list[str]]:
        """Each entry point with the other names it may have in a student's file."""
        names = [entry.name for entry in self.entry_points]
        if unknown := sorted(self.config.aliases.keys() - set(names)):
            raise CourseError(f"{self.identity}: [aliases] names {unknown[0]!r}, which the reference does not define")
        return {name: self.config.aliases.get(name, []) for name in names}


@dataclass(frozen=True)
class Course:
    """A folder with reference, fixtures and checks."""

    root: Path

    @cached_property
    def assignments(self) -> dict[str, tuple[Part, ...]]:
        """Every assignment with its parts in the order of ``part.toml``."""
        found: dict[str, list[Part]] = {}
        for path in sorted((self.root / "fixtures").glob("*/*/part.toml")):
            part = Part(self.root, path.parts[-3], path.parts[-2])
            found.setdefault(part.assignment, []).append(part)
        return {name: tuple(sorted(parts, key=lambda p: (p.config.order, p.name))) for name, parts in found.items()}

    def parts(self, assignment: str, only: Iterable[str] = ()) -> tuple[Part, ...]:
        """The parts of an assignment, or those named; raises UsageError listing what there is."""
        if assignment not in self.assignments:
            raise UsageError(f"no assignment {assignment!r}; there are: {', '.join(self.assignments) or 'none'}")
        parts = self.assignments[assignment]
        names = {part.name for part in parts}
        wanted = tuple(only) or tuple(names)
        if unknown := [name for name in wanted if name not in names]:
            raise UsageError(f"{assignment} has no part {unknown[0]!r}; there are: {', '.join(sorted(names))}")
        return tuple(part for part in parts if part.name in wanted)

    def select(self, selectors: Iterable[str]) -> tuple[Part, ...]:
        """Parts by ``assignment`` or ``assignment/part``; all of them when nothing is named."""
        chosen: list[Part] = []
        for selector in tuple(selectors) or tuple(self.assignments):
            assignment, _, name = selector.strip("/").partition("/")
            chosen += self.parts(assignment, [name] if name else [])
        return tuple(dict.fromkeys(chosen))  # named twice is still one


def find_course(start: Path | None = None) -> Course:
    """The course around ``start`` (default: ``GRADER_COURSE``, else the working folder); raises UsageError."""
    origin = Path(start or os.environ.get("GRADER_COURSE", ".")).resolve()
    for folder in (origin, *origin.parents):
        if all((folder / marker).is_dir() for marker in _MARKERS):
            return Course(folder)
    raise UsageError(
        f"{origin} is not inside a course (a folder with {', '.join(_MARKERS)}); "
        "go there, or name it with --course or GRADER_COURSE"
    )
