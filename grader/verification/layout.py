"""The course's paired trees on disk: what is missing, stray or out of date (invariants 1 and 2 of `verification`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.calibration import stored
from grader.course.catalog import Course, Part
from grader.course.stubs import leaks, stub_of
from grader.errors import CourseError
from grader.written.questions import QuestionSheet

_PART_FILES = {
    "part.toml",
    "make.py",
    "expected.json",
    "expected.safetensors",
    "audit.json",
    *stored.FILES.values(),
}
_PART_FOLDERS = {"mistakes", "variants"}
_ASSIGNMENT_FILES = {"questions.toml", "batched.py"}  # beside the parts' folders
_SKIPPED = {"__pycache__"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken invariant: where, what, and which command repairs it."""

    invariant: int
    where: str
    problem: str
    repair: str


def layout(course: Course, parts: Sequence[Part]) -> Iterator[Finding]:
    """Files that are missing, unknown, or belong to no part."""
    for part in parts:
        for path in (
            part.reference,
            part.template,
            part.check_file,
            part.fixture_folder / "make.py",
            part.fixture_folder / "expected.json",
        ):
            if not path.is_file():
                yield Finding(
                    1,
                    part.identity,
                    f"{path.relative_to(course.root)} is missing",
                    _maker(part, path),
                )
        for path in sorted(part.fixture_folder.iterdir()):
            known = path.name in (_PART_FOLDERS if path.is_dir() else _PART_FILES)
            if not known and path.name not in _SKIPPED:
                yield Finding(
                    1, part.identity, f"{path.relative_to(course.root)} is not known", "git mv it where it belongs"
                )
    yield from _strangers(course)


def _maker(part: Part, path: Path) -> str:
    """The command that makes a missing file again; what people wrote comes from git alone."""
    made = {part.template: "grader stubs", part.fixture_folder / "expected.json": "grader fixtures"}
    return f"{made[path]} {part.identity}" if path in made else f"git restore {path.relative_to(part.course)}"


def _strangers(course: Course) -> Iterator[Finding]:
    """Files in the paired trees that belong to no part and are not the written questions of an assignment."""
    known = {
        path
        for parts in course.assignments.values()
        for part in parts
        for path in (part.reference, part.template, part.check_file, part.fixture_folder)
    }
    for assignment in course.assignments:
        known |= {course.root / "fixtures" / assignment / name for name in _ASSIGNMENT_FILES}
        sheet = QuestionSheet(course.root, assignment)
        known |= {sheet.template} if sheet.source.is_file() else set()
    for tree in ("reference", "student_template", "grader/checks", "fixtures"):
        for path in sorted((course.root / tree).glob("*/*")):
            if path not in known and path.name not in _SKIPPED and not path.parent.name.startswith("."):
                name = path.stem.removeprefix("check_")
                repair = f"grader new {path.parent.name}/{name}" if path.suffix == ".py" else "git mv it elsewhere"
                yield Finding(1, str(path.relative_to(course.root)), "belongs to no part", repair)


def written_questions(course: Course, parts: Sequence[Part]) -> Iterator[Finding]:
    """The written questions: each about a part that is there, and `answers.md` is what they give."""
    for assignment in dict.fromkeys(part.assignment for part in parts):
        sheet = QuestionSheet(course.root, assignment)
        where = str(sheet.source.relative_to(course.root))
        try:
            stale = sheet.questions and not sheet.is_current()
        except CourseError as error:
            yield Finding(2, where, str(error), f"mend {where}")
            continue
        if stale:
            yield Finding(2, where, "answers.md is not what the questions give", f"grader stubs {assignment}")
        names = {"", *(part.name for part in course.parts(assignment))}
        for question in sheet.questions:
            if question.part not in names:
                yield Finding(2, where, f"{question.name} is about {question.part!r}, no part", f"mend {where}")


def stub(part: Part) -> Iterator[Finding]:
    """The template of a part that is not what its reference gives, or shows a solution."""
    repair = f"grader stubs {part.identity}"
    source = part.reference.read_text()
    expected = stub_of(source)
    if not part.template.is_file() or part.template.read_text() != expected:
        yield Finding(2, part.identity, "the template is not what the reference gives", repair)
    for line in leaks(source, expected):
        yield Finding(
            2, part.identity, f"the template shows a line of the solution: {line}", "move it inside the region"
        )
