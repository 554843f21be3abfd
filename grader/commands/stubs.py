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
@click.option("--check", is_flag=True, help="Write nothing; fail when a template is out of date.")
def command(selectors: tuple[str, ...], check: bool) -> int:
    """Generate student_template/: the references without what stands between BEGIN and END SOLUTION.

    Utilities beside the references (_NAME.py) are copied as they are. An assignment with written questions
    (fixtures/ASSIGNMENT/questions.toml) gets its answers.md too.

    \b
    Examples:
      grader stubs
      grader stubs lab1/factorise
      grader stubs --check
    """  # noqa: D301
    course = find_course()
    if not course.assignments:
        click.echo("this course has no parts yet: `grader new hw1/warm_up` makes one")
    stale = {
        path: text
        for path, text in _templates(course.select(selectors))
        if not path.is_file() or path.read_text() != text
    }
    for path, text in stale.items():
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            whole_file.write(path, text.encode())
        click.echo(f"{'out of date: ' if check else ''}{path.relative_to(course.root)}")
    return int(check and bool(stale))


def _templates(parts: Sequence[Part]) -> Iterator[tuple[Path, str]]:
    """Every template of ``parts``, the utilities beside them, and the answers.md of their assignments."""
    for part in parts:
        yield part.template, stub_of(part.reference.read_text())
        for name, content in part.utilities.items():
            yield part.template.with_name(name), content.decode()
    for course, assignment in dict.fromkeys((part.course, part.assignment) for part in parts):
        sheet = QuestionSheet(course, assignment)
        if sheet.questions:
            yield sheet.template, sheet.template_text()
