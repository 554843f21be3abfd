"""``grader import``: turn an assignment of Otter-Grader or nbgrader into the files of parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from grader.commands.options import RunOptions
from grader.commands.reference import graded_reference
from grader.commands.stubs import notebooks, write
from grader.conversion import nbgrader, otter
from grader.conversion.notebook import Cell, read_notebook
from grader.conversion.skeleton import Skeleton, skeleton
from grader.conversion.worksheet import Worksheet, identifier
from grader.course.catalog import DATASETS, Course, find_course
from grader.errors import CourseError, UsageError
from grader.files import whole_file
from grader.records.record import CheckRecord, Verdict
from grader.written.questions import QuestionSheet

_WIDE = 160  # characters of a table in a file

Reader = Callable[[str, Sequence[Cell]], Worksheet]
_PATH = click.argument("path", type=click.Path(exists=True, path_type=Path))
_NAME = click.option("--assignment", metavar="NAME", help="What to call the assignment (default: as PATH is called).")


@click.group("import")
def command() -> None:
    """Make the files of parts from an assignment of another autograder.

    PATH is a source notebook, with solutions, or a folder of them: each becomes a part. Functions become the reference,
    tests that call them become checks with their points, answers for people to mark become written questions. A table
    says what was taken over, and what was not and why. The reference is then graded by the new checks, in the sandbox;
    a check that it does not pass is left out.

    \b
    Examples:
      grader import otter hw01.ipynb
      grader import nbgrader source/ps1 --assignment hw2
    """  # noqa: D301


@command.command("otter")
@_PATH
@_NAME
def from_otter(path: Path, assignment: str | None) -> int:
    """Take over a source notebook of Otter Assign (version 3 and later), or a folder of them.

    \b
    Examples:
      grader import otter hw01.ipynb
    """  # noqa: D301
    return _take_over(path, assignment, otter.read, "Otter-Grader")


@command.command("nbgrader")
@_PATH
@_NAME
def from_nbgrader(path: Path, assignment: str | None) -> int:
    """Take over an assignment of nbgrader: a notebook, or the assignment's folder below source/.

    \b
    Examples:
      grader import nbgrader source/ps1 --assignment hw2
    """  # noqa: D301
    return _take_over(path, assignment, nbgrader.read, "nbgrader")


def _take_over(path: Path, assignment: str | None, read: Reader, origin: str) -> int:
    course = find_course()
    name = identifier(assignment or path.resolve().stem)
    if name == DATASETS:
        raise UsageError(f"no assignment can be called {DATASETS}: choose another name with --assignment")
    sheets = [read(identifier(file.stem), read_notebook(file)) for file in _notebooks(path)]
    made = skeleton(course.root, name, sheets, origin)
    _refuse_existing(course, made)
    if made.parts:
        _write(course, made)
        _try_out(made)
        _generate_templates(course, made)
    _show(made)
    if not made.parts:
        raise UsageError(f"nothing was written: no function in {path} is marked as a solution of {origin}")
    click.echo(
        f"the reference passes the new checks. next: look at them in {course.config.checks}/{name}, add mistakes to "
        f"fixtures/{name}/PART/mistakes, and `grader verify {name}` says what is missing"
    )
    return 0


def _notebooks(path: Path) -> list[Path]:
    found = [path] if path.is_file() else sorted(path.glob("*.ipynb"))
    if not found:
        inside = ", ".join(str(folder) for folder in sorted({file.parent for file in path.glob("*/**/*.ipynb")})[:5])
        hint = f"; there are some in {inside}" if inside else ""
        raise UsageError(f"there is no notebook directly in {path}{hint}")
    return found


def _refuse_existing(course: Course, made: Skeleton) -> None:
    for path in [*(part.fixture_folder for part in made.parts), *made.files]:
        if path.exists():
            raise UsageError(f"{path.relative_to(course.root)} is already there: take it away, or use --assignment")


def _write(course: Course, made: Skeleton) -> None:
    """Write what people go on with: reference, checks, settings, questions."""
    for path, text in made.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_file.write(path, text.encode())
        click.echo(f"written  {path.relative_to(course.root)}")


def _try_out(made: Skeleton) -> None:
    """Make the fixture data, grade the reference by the new checks, and take out those that it does not pass."""
    from grader.course import fixture_data

    for part in made.parts:
        try:
            fixture_data.write(part, fixture_data.make(part))
        except CourseError as error:
            made.drop(part, dict.fromkeys(made.checks[part].names, f"the reference cannot be loaded: {error}"))
        if made.checks[part].names:
            (record,) = graded_reference([part], RunOptions(device="cpu")).parts
            lost = [check for check in record.checks if check.verdict is not Verdict.passed]
            made.drop(part, {check.name: _reason(check) for check in lost})
        whole_file.write(part.check_file, made.files[part.check_file].encode())


def _reason(check: CheckRecord) -> str:
    words = check.detail if check.verdict is Verdict.grader_error else f"{check.message} {check.detail}"
    if "'Remote'" in words:
        return "its answer stays in the sandbox: let the function return numbers, texts, tensors, or lists of them"
    return f"the reference does not pass it: {' '.join(words.split())}"[:300]


def _generate_templates(course: Course, made: Skeleton) -> None:
    """Write what students get."""
    for part in made.parts:
        for name, content in part.utilities.items():
            whole_file.write(part.template.with_name(name), content)
    sheet = QuestionSheet(course.root, made.parts[0].assignment)
    if sheet.questions:
        write(sheet.template, sheet.template_text())
    for path, notebook in notebooks(Course(course.root), made.parts):
        write(path, notebook)


def _show(made: Skeleton) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("what it was", "what it is now", "left to do"):
        table.add_column(column)
    rows = sorted(made.told, key=lambda row: not row[1].became)  # what was taken over comes first
    for notebook, told in rows:
        cells = (f"{notebook}: {told.what}", told.became or "not taken over", told.note)
        table.add_row(*map(Text, cells))
    console = Console()
    console = console if console.is_terminal else Console(width=_WIDE)
    console.print(table)
    taken = sum(bool(told.became) for _, told in rows)
    console.print(f"taken over: {taken} of {len(rows)}\n", markup=False, highlight=False)
