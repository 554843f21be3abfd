"""``grader stubs``: generate the student templates from the references and from the written questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from grader.course import template_readme
from grader.course.catalog import Course, Part, find_course
from grader.course.notebook_template import NoNotebook, notebook_template
from grader.course.stubs import stub_of
from grader.errors import CourseError
from grader.files import whole_file
from grader.written.questions import QuestionSheet


@click.command("stubs")
@click.argument("selectors", nargs=-1, metavar="[ASSIGNMENT[/PART]]...")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a template is out of date.")
def command(selectors: tuple[str, ...], check: bool) -> int:
    """Make student_template/: the references without the code between BEGIN and END SOLUTION.

    Copies utilities beside the references (_NAME.py) unchanged, and makes answers.md for assignments with written
    questions (fixtures/ASSIGNMENT/questions.toml). ASSIGNMENT.ipynb holds the same templates and questions as one
    notebook: students hand in either. README.md tells students what they may import (packages in course.toml).

    \b
    Examples:
      grader stubs
      grader stubs lab1/factorise
      grader stubs --check
    """  # noqa: D301
    course = find_course()
    if not course.assignments:
        click.echo("this course has no parts yet: make one with `grader new hw1/warm_up`")
    parts = course.select(selectors)
    stale = {
        path: text
        for path, text in (*_templates(parts), *notebooks(course, parts), *_readme(course))
        if (path.read_bytes() if path.is_file() else None) != (None if text is None else text.encode())
    }
    for path, text in stale.items():
        if not check:
            write(path, text)
        click.echo(f"{'out of date: ' if check else ''}{path.relative_to(course.root)}")
    return int(check and bool(stale))


def write(path: Path, text: str | None) -> None:
    """Write a generated file; remove it if ``text`` is None."""
    if text is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_file.write(path, text.encode())


def _templates(parts: Sequence[Part]) -> Iterator[tuple[Path, str]]:
    """Yield path and text of every template, of the utilities beside them, and of each answers.md."""
    for part in parts:
        yield part.template, stub_of(part.reference.read_text(encoding="utf-8"))
        for name, content in part.utilities.items():
            yield part.template.with_name(name), content.decode()
    for course, assignment in dict.fromkeys((part.course, part.assignment) for part in parts):
        sheet = QuestionSheet(course, assignment)
        if sheet.questions:
            yield sheet.template, sheet.template_text()


def _readme(course: Course) -> Iterator[tuple[Path, str]]:
    """Yield path and text of the page for students, if course.toml says what they may import."""
    if text := template_readme.text_of(course):
        yield template_readme.path_of(course), text


def notebooks(course: Course, parts: Sequence[Part]) -> Iterator[tuple[Path, str | None]]:
    """Yield path and text of the notebook of each assignment of ``parts``; None and a message if it can have none.

    A notebook that a broken part keeps from being made is left as it is, with a message: the part may be another one.
    """
    for assignment in dict.fromkeys(part.assignment for part in parts):
        sheet = QuestionSheet(course.root, assignment)
        try:
            yield course.notebook(assignment), notebook_template(course, assignment, sheet.asked())
        except NoNotebook as reason:
            click.echo(f"{assignment} gets no notebook: {reason}", err=True)
            yield course.notebook(assignment), None
        except CourseError as error:
            click.echo(f"the notebook of {assignment} cannot be made: {error}", err=True)
