"""``grader stubs``: generate the student templates from the references, and answers.md from the questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from grader.course.catalog import Part, find_course
from grader.course.stubs import stub_of
from grader.files import whole_file
from grader.written.questions import QuestionSheet


@click.command("stubs")
@click.argument("selectors", nargs=-1, metavar="[ASSIGNMENT[/PART]]...")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a template is out of date.")
def command(selectors: tuple[str, ...], check: bool) -> int:
    """Make student_template/: the references without the code between BEGIN and END SOLUTION.

    Copies utilities beside the references (_NAME.py) unchanged, and makes answers.md for assignments with written
    questions (fixtures/ASSIGNMENT/questions.toml).

    \b
    Examples:
      grader stubs
      grader stubs lab1/factorise
      grader stubs --check
    """  # noqa: D301
    course = find_course()
    if not course.assignments:
        click.echo("this course has no parts yet: make one with `grader new hw1/warm_up`")
    stale = {
        path: text
        for path, text in _templates(course.select(selectors))
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            whole_file.write(path, text.encode())
        click.echo(f"{'out of date: ' if check else ''}{path.relative_to(course.root)}")
    return int(check and bool(stale))


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
