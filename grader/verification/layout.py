"""Find files of a course that are missing, unknown or out of date (invariants 1 and 2 of `verification`).

Besides the files of the parts, a course may have:

  - ``README.md`` in every folder.
  - ``published.py`` beside a ``make.py``: it computes what was published of the part (``grader reference``).
  - ``first_steps.py`` beside a ``make.py``: how to watch the part's training take its first steps (hints).
  - ``_NAME.py`` beside the checks or references of an assignment, beside a ``make.py`` and beside parts' folders:
    code that the files beside it share. Students get a copy of the files beside references (``grader stubs``).
  - Tables and arrays beside the ``make.py`` that reads them: files that end in .csv, .tsv, .npy or .npz.
  - ``questions.toml`` and ``batched.py`` beside the parts' folders, ``answers.md`` if there are questions, and the
    notebook ``student_template/<assignment>/<assignment>.ipynb``.
  - In ``fixtures/datasets/``: Python files, README.md, and the tables and arrays that they read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.calibration import stored
from grader.course import first_steps, template_readme
from grader.course.catalog import Course, Part
from grader.course.notebook_template import NoNotebook, notebook_template
from grader.course.stubs import leaks, stub_of
from grader.errors import CourseError
from grader.written.questions import Question, QuestionSheet

_PART_FILES = {
    "part.toml",
    "make.py",
    "published.py",
    first_steps.NAME,
    "expected.json",
    "expected.safetensors",
    "audit.json",
    *stored.FILES.values(),
}
_PART_FOLDERS = {"mistakes", "variants"}
_ASSIGNMENT_FILES = {"questions.toml", "batched.py"}  # beside the parts' folders
_READ_BY_MAKE = {".csv", ".tsv", ".npy", ".npz"}
_SKIPPED = {"__pycache__"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken invariant: where, what, and which command repairs it."""

    invariant: int
    where: str
    problem: str
    repair: str


def layout(course: Course, parts: Sequence[Part]) -> Iterator[Finding]:
    """Find files that are missing, unknown, or belong to no part."""
    for part in parts:
        yield from _missing(part)
        for path in sorted(part.fixture_folder.iterdir()):
            if not _belongs_to_part(path):
                where = path.relative_to(course.root)
                yield Finding(1, part.identity, f"{where} does not belong in this folder", "git mv it elsewhere")
    yield from _strangers(course)
    yield from _strange_datasets(course)


def _missing(part: Part) -> Iterator[Finding]:
    folder = part.fixture_folder
    for path in (part.reference, part.template, part.check_file, folder / "make.py", folder / "expected.json"):
        if not path.is_file():
            yield Finding(1, part.identity, f"{path.relative_to(part.course)} is missing", _maker(part, path))


def _belongs_to_part(path: Path) -> bool:
    """Return whether a part may have this file or folder in its fixture folder."""
    if path.is_dir():
        return path.name in _PART_FOLDERS | _SKIPPED
    return path.name in _PART_FILES or path.suffix in _READ_BY_MAKE or _is_free(path)


def _is_free(path: Path) -> bool:
    """Return whether any folder may have this file: a README, or shared code."""
    return path.name == "README.md" or (path.suffix == ".py" and path.name.startswith("_"))


def _maker(part: Part, path: Path) -> str:
    """Return the command that brings back a missing file: git, unless the grader makes the file."""
    made = {part.template: "grader stubs", part.fixture_folder / "expected.json": "grader fixtures"}
    return f"{made[path]} {part.identity}" if path in made else f"git restore {path.relative_to(part.course)}"


def _strangers(course: Course) -> Iterator[Finding]:
    """Find files of an assignment that belong to no part and are not its written questions."""
    known = {
        path
        for parts in course.assignments.values()
        for part in parts
        for path in (part.reference, part.template, part.check_file, part.fixture_folder)
    }
    for assignment in course.assignments:
        known |= {course.root / "fixtures" / assignment / name for name in _ASSIGNMENT_FILES}
        sheet = QuestionSheet(course.root, assignment)
        known |= {course.notebook(assignment), *([sheet.template] if sheet.source.is_file() else [])}
    for tree in ("reference", "student_template", course.config.checks, "fixtures"):
        for path in sorted((course.root / tree).glob("*/*")):
            if path in known or path.name in _SKIPPED or path.parent.name.startswith("."):
                continue
            if path.parent != course.datasets.folder and not _is_given(course, path):
                name = path.stem.removeprefix("check_")
                repair = f"grader new {path.parent.name}/{name}" if path.suffix == ".py" else "git mv it elsewhere"
                yield Finding(1, str(path.relative_to(course.root)), "belongs to no part", repair)


def _is_given(course: Course, path: Path) -> bool:
    """Return whether an assignment's folder may have this file; students' utilities must also be in reference/."""
    template = course.root / "student_template"
    if path.is_relative_to(template) and path.suffix == ".py":
        return _is_free(path) and (course.root / "reference" / path.relative_to(template)).is_file()
    return path.is_file() and _is_free(path)


def _strange_datasets(course: Course) -> Iterator[Finding]:
    """Find files in the folder of data sets that are none, and data sets that cannot be loaded."""
    catalog = course.datasets
    for path in sorted(catalog.folder.glob("*")):
        if not (path.suffix == ".py" or path.suffix in _READ_BY_MAKE or path.name in {"README.md", *_SKIPPED}):
            yield Finding(1, str(path.relative_to(course.root)), "is not a data set", "git mv it elsewhere")
    for name in catalog.names:
        try:
            _ = catalog[name]
        except CourseError as error:
            yield Finding(1, f"fixtures/datasets/{name}.py", str(error), "fix it")


def student_page(course: Course) -> Iterator[Finding]:
    """Find a page for students, README.md beside the templates, that is missing or out of date."""
    path, text = template_readme.path_of(course), template_readme.text_of(course)
    if text and not (path.is_file() and path.read_text(encoding="utf-8") == text):
        yield Finding(2, str(path.relative_to(course.root)), "is missing or out of date", "grader stubs")


def written_questions(course: Course, parts: Sequence[Part]) -> Iterator[Finding]:
    """Find written questions about no part, rubrics that cannot be marked by, and an `answers.md` out of date."""
    for assignment in dict.fromkeys(part.assignment for part in parts):
        sheet = QuestionSheet(course.root, assignment)
        where = str(sheet.source.relative_to(course.root))
        try:
            stale = sheet.questions and not sheet.is_current()
        except CourseError as error:
            yield Finding(2, where, str(error), f"fix {where}")
            continue
        if stale:
            yield Finding(2, where, "answers.md is out of date", f"grader stubs {assignment}")
        names = {"", *(part.name for part in course.parts(assignment))}
        for question in sheet.questions:
            if question.part not in names:
                yield Finding(2, where, f"{question.name} is about {question.part!r}, which is no part", f"fix {where}")
            for problem in _rubric_problems(question):
                yield Finding(2, where, f"{question.name}: {problem}", f"fix {where}")


def _rubric_problems(question: Question) -> Iterator[str]:
    """Say what is wrong with the rubric items that a question begins with; it may have none."""
    counts = Counter(line.words for line in question.rubric)
    for words in (words for words, count in counts.items() if count > 1):
        yield f"two rubric items are called “{words}”"
    most = round(sum(line.points for line in question.rubric if line.points > 0), 6)
    if question.rubric and most < question.points:
        yield f"no answer can earn its {question.points:g} points: the rubric items give {most:g} together"


def notebooks(course: Course, parts: Sequence[Part]) -> Iterator[Finding]:
    """Find notebooks that are missing or out of date, unless a template that they are made from is so itself."""
    for assignment in dict.fromkeys(part.assignment for part in parts):
        path, sheet = course.notebook(assignment), QuestionSheet(course.root, assignment)
        where, repair = str(path.relative_to(course.root)), f"grader stubs {assignment}"
        try:
            current = not sheet.questions or sheet.is_current()
            current &= all(_is_current(part) for part in course.parts(assignment))
            text = notebook_template(course, assignment, sheet.asked()) if current else ""
        except NoNotebook as reason:
            if path.is_file():
                yield Finding(2, where, f"the notebook is out of date: {reason}", repair)
            continue
        except CourseError:
            continue  # reported for the part, or for questions.toml
        if current and not (path.is_file() and path.read_bytes() == text.encode()):
            yield Finding(2, where, "the notebook is missing or out of date", repair)


def _is_current(part: Part) -> bool:
    """Return whether a part's template is the one that its reference gives."""
    expected = stub_of(part.reference.read_text(encoding="utf-8")) if part.reference.is_file() else None
    return part.template.is_file() and part.template.read_text(encoding="utf-8") == expected


def stub(part: Part) -> Iterator[Finding]:
    """Find templates and utilities that are out of date, and lines of the solution in a template."""
    repair = f"grader stubs {part.identity}"
    source = part.reference.read_text(encoding="utf-8")
    expected = stub_of(source)
    if not _is_current(part):
        yield Finding(2, part.identity, "the template is out of date", repair)
    for name, content in part.utilities.items():
        given = part.template.with_name(name)
        if not given.is_file() or given.read_bytes() != content:
            yield Finding(2, part.identity, f"the students' copy of {name} is missing or out of date", repair)
    for line in leaks(source, expected):
        yield Finding(
            2,
            part.identity,
            f"the template shows a line of the solution: {line}",
            "move it between BEGIN and END SOLUTION",
        )
