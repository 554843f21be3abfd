"""The course on disk: a folder with ``course.toml``, and its assignments and parts, found by path alone.

A part is four paths and nothing else; there is no list to keep::

    reference/<assignment>/<part>.py                     checks/<assignment>/check_<part>.py
    student_template/<assignment>/<part>.py              fixtures/<assignment>/<part>/

An assignment also has ``student_template/<assignment>/<assignment>.ipynb``: the stubs of all parts as one notebook.
``course.toml`` may name another folder for the checks. ``fixtures/datasets/`` holds the course's data sets, so no
assignment may be called ``datasets``.
"""

from __future__ import annotations

import functools
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from grader.course import course_toml
from grader.course.course_toml import CourseConfig
from grader.course.part_toml import PartConfig, Setting
from grader.course.shared_code import shared_in
from grader.course.stubs import EntryPoint, entry_points
from grader.datasets.catalog import DatasetCatalog
from grader.datasets.dataset import Version
from grader.datasets.use import DataUse
from grader.errors import CourseError, UsageError, did_you_mean

DATASETS = "datasets"  # the folder below fixtures/ that belongs to no assignment


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
        return self.course / course_toml.read(self.course).checks / self.assignment / f"check_{self.name}.py"

    @property
    def fixture_folder(self) -> Path:
        """The folder of part.toml, fixture data, mistakes, variants and calibrations."""
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
            config = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), PartConfig)
        except FileNotFoundError:
            raise CourseError(f"{path} is missing; `grader new {self.identity}` makes one") from None
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise CourseError(f"{path}: {error}") from None
        known = self.datasets.names if config.datasets else ()
        if unknown := [name for name in config.datasets if name not in known]:
            raise CourseError(f"{path}: no data set {unknown[0]!r}{did_you_mean(unknown[0], known)}")
        return config

    @property
    def datasets(self) -> DatasetCatalog:
        """The data sets of the course, of which ``config.datasets`` names those that the part reads."""
        return datasets_of(self.course)

    def setting(self, profile: str, device: str) -> Setting:
        """Return the setting the part is graded in: ``full`` only when all its data sets are on this machine."""
        return self.config.setting(self.datasets.effective_profile(self.config.datasets, profile), device)

    @property
    def utilities(self) -> dict[str, bytes]:
        """Files ``_*.py`` beside the reference, by name: students get them as they are, and may import them."""
        return {path.name: path.read_bytes() for path in shared_in(self.reference.parent)}

    @property
    def shared_checks(self) -> tuple[Path, ...]:
        """Files ``_*.py`` beside the check file, which it may import."""
        return shared_in(self.check_file.parent)

    @cached_property
    def entry_points(self) -> tuple[EntryPoint, ...]:
        """The functions and classes a check may call: the reference's public ones, in a handout the template's."""
        source = self.template if course_toml.read(self.course).is_handout else self.reference
        try:
            return entry_points(source.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CourseError(f"{source} is missing") from None

    def alias_table(self) -> dict[str, list[str]]:
        """Return each entry point with the other names it may have in a student's file."""
        return self._by_entry_point("aliases", self.config.aliases)

    def pattern_table(self) -> dict[str, list[str]]:
        """Return each entry point with the patterns of names, such as ``*_mask*``, that it may have."""
        return self._by_entry_point("patterns", self.config.patterns)

    def _by_entry_point(self, key: str, table: Mapping[str, list[str]]) -> dict[str, list[str]]:
        names = [entry.name for entry in self.entry_points]
        if unknown := sorted(table.keys() - set(names)):
            raise CourseError(f"{self.identity}: [{key}] names {unknown[0]!r}, which the reference does not define")
        return {name: table.get(name, []) for name in names}

    def is_untouched(self, content: bytes) -> bool:
        """Return whether a file is the part's template as students got it, but for blanks and line ends."""
        return b"".join(content.split()) == self._squeezed_template

    @cached_property
    def _squeezed_template(self) -> bytes | None:
        return b"".join(self.template.read_bytes().split()) if self.template.is_file() else None


@dataclass(frozen=True)
class Course:
    """A folder with course.toml, and below it reference, student_template, fixtures and checks."""

    root: Path

    @property
    def config(self) -> CourseConfig:
        """The contents of ``course.toml``; raises CourseError naming the key that is wrong."""
        return course_toml.read(self.root)

    @property
    def checks(self) -> Path:
        """The folder that the checks of all assignments lie in."""
        return self.root / self.config.checks

    @property
    def datasets(self) -> DatasetCatalog:
        """The data sets of the course; ``datasets.source_files`` are the files whose code makes and reads them."""
        return datasets_of(self.root)

    def title_of(self, assignment: str) -> str:
        """Return what an assignment is called; its name where course.toml gives it no title."""
        known = self.config.assignments.get(assignment)
        return known.title if known else assignment

    def notebook(self, assignment: str) -> Path:
        """Return where the generated notebook of an assignment lies, whether or not it is there."""
        return self.root / "student_template" / assignment / f"{assignment}.ipynb"

    @cached_property
    def assignments(self) -> dict[str, tuple[Part, ...]]:
        """Every assignment with its parts in the order of ``part.toml``."""
        found: dict[str, list[Part]] = {}
        for path in sorted((self.root / "fixtures").glob("*/*/part.toml")):
            if path.parts[-3] == DATASETS:
                continue
            part = Part(self.root, path.parts[-3], path.parts[-2])
            found.setdefault(part.assignment, []).append(part)
        return {name: tuple(sorted(parts, key=lambda p: (p.config.order, p.name))) for name, parts in found.items()}

    def parts(self, assignment: str, only: Iterable[str] = ()) -> tuple[Part, ...]:
        """Return the parts of an assignment, or those named; raises UsageError that says what there is."""
        if assignment not in self.assignments:
            raise UsageError(f"no assignment {assignment!r}{did_you_mean(assignment, self.assignments)}")
        parts = self.assignments[assignment]
        names = {part.name for part in parts}
        wanted = tuple(only) or tuple(names)
        if unknown := [name for name in wanted if name not in names]:
            raise UsageError(f"{assignment} has no part {unknown[0]!r}{did_you_mean(unknown[0], sorted(names))}")
        return tuple(part for part in parts if part.name in wanted)

    def select(self, selectors: Iterable[str]) -> tuple[Part, ...]:
        """Return parts by ``assignment`` or ``assignment/part``; all of them when nothing is named."""
        chosen: list[Part] = []
        for selector in tuple(selectors) or tuple(self.assignments):
            assignment, _, name = selector.strip("/").partition("/")
            chosen += self.parts(assignment, [name] if name else [])
        return tuple(dict.fromkeys(chosen))  # named twice is still one


def find_course(start: Path | None = None) -> Course:
    """Return the course around ``start`` (default: ``GRADER_COURSE``, else the working folder).

    Raises:
        UsageError: there is no ``course.toml`` in that folder or above it.
    """
    origin = Path(start or os.environ.get("GRADER_COURSE", ".")).resolve()
    for folder in (origin, *origin.parents):
        if (folder / course_toml.FILE).is_file():
            return Course(folder)
    raise UsageError(
        f"{origin} is not inside a course: there is no {course_toml.FILE} in it or above it. Go to a course, "
        "name it with --course or GRADER_COURSE, or make one: grader init FOLDER"
    )


def datasets_of(root: Path) -> DatasetCatalog:
    """Return the data sets of the course at ``root``; the same object as long as its course.toml stays as it is."""
    declared = course_toml.read(root).datasets
    return _catalog(root, msgspec.json.encode(declared, order="sorted"))


@functools.lru_cache(maxsize=64)
def _catalog(root: Path, declared: bytes) -> DatasetCatalog:
    folder = root / "fixtures" / DATASETS
    catalog = DatasetCatalog(folder, msgspec.json.decode(declared, type=dict[str, dict[str, Version]]))
    if unknown := [name for name in catalog.declared if name not in catalog.names]:
        there = ", ".join(catalog.names) or "none"
        raise CourseError(f"{root / course_toml.FILE}: datasets.{unknown[0]} is no data set; there are: {there}")
    return catalog


def data_use(parts: Sequence[Part], profile: str) -> DataUse:
    """Return which version of each data set a run of ``parts`` (of one course) with ``profile`` uses."""
    catalog = parts[0].datasets if parts else DatasetCatalog(Path())
    return DataUse(catalog, tuple(part.config.datasets for part in parts), profile)
