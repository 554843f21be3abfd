"""``grader export``: what Canvas, Moodle, Gradescope and GitHub Classroom take in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.commands import export_autograder, export_github
from grader.commands.gradebook_book import DB, FOLDER, Book, opened
from grader.errors import UsageError
from grader.exports import canvas, classroom, gradescope, moodle
from grader.exports.grades import Filled, Grade
from grader.files import whole_file
from grader.records.record import ResultRecord
from grader.records.store import Store

if TYPE_CHECKING:
    from grader.gradebook.scores import Scored


@click.group("export")
def command() -> None:
    """Write what an LMS takes in: grades, or an autograder. Nothing is sent anywhere: you upload the file.

    FOLDER is what `grader grade --out` wrote. Canvas and Moodle get their own file back, with the final scores of the
    gradebook in one column; nobody without a grade is changed. Two commands need no grades: gradescope-autograder makes
    the zip that grades on Gradescope, github-classroom a repository that checks itself.

    \b
    Examples:
      grader export canvas build/lab1 Grades-ML1.csv --column "Lab 1" --to lab1-canvas.csv
      grader export moodle build/lab1 Worksheet.csv --to lab1-moodle.csv
      grader export gradescope build/lab1 ann --to results.json
      grader export classroom build/lab1 ann
      grader export gradescope-autograder lab1
      grader export github-classroom lab1
    """  # noqa: D301


command.add_command(export_autograder.command)
command.add_command(export_github.command)

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_TO = click.option("--to", type=click.Path(path_type=Path), required=True, help="Write the filled file here.")
_SCALE = click.option("--scale", is_flag=True, help="Turn scores into shares of what the LMS says it is worth.")
_SO_FAR = click.option("--so-far", is_flag=True, help="Also those of whom something is still to be decided or marked.")


@command.command("canvas")
@FOLDER
@_FILE
@_TO
@click.option("--column", help="The column's title, id or header (default: the assignment's title).")
@_SCALE
@_SO_FAR
@DB
def to_canvas(
    folder: Path, file: Path, to: Path, column: str | None, scale: bool, so_far: bool, db: str | None
) -> None:
    """Fill in one column of FILE, an export of Canvas's gradebook. The new file has no other assignment's column."""
    with opened(folder, db) as book:
        grades = list(_grades(book, so_far))
        wanted = column or book.assignment.title or book.assignment.name
    _write(canvas.fill(file.read_bytes(), file.name, wanted, grades, scale=scale), to)


@command.command("moodle")
@FOLDER
@_FILE
@_TO
@_SCALE
@_SO_FAR
@DB
def to_moodle(folder: Path, file: Path, to: Path, scale: bool, so_far: bool, db: str | None) -> None:
    """Fill in FILE, an offline grading worksheet of Moodle."""
    with opened(folder, db) as book:
        grades = list(_grades(book, so_far))
    _write(moodle.fill(file.read_bytes(), file.name, grades, scale=scale), to)


@command.command("gradescope")
@FOLDER
@click.argument("submission")
@click.option("--to", type=click.Path(path_type=Path), help="Write it here (default: print it).")
def to_gradescope(folder: Path, submission: str, to: Path | None) -> None:
    """Write the record of one SUBMISSION as Gradescope's results.json."""
    _put_out(folder, submission, gradescope.results, to)


@command.command("classroom")
@FOLDER
@click.argument("submission")
@click.option("--to", type=click.Path(path_type=Path), help="Write it here (default: print it).")
def to_classroom(folder: Path, submission: str, to: Path | None) -> None:
    """Write the record of one SUBMISSION for GitHub Classroom's autograding reporter."""
    _put_out(folder, submission, classroom.result, to)


def _put_out(folder: Path, submission: str, form: Callable[[ResultRecord], bytes], to: Path | None) -> None:
    record = Store(folder).latest_of(submission)
    if record is None:
        raise UsageError(f"there is no record of {submission} below {folder}")
    if to is None:
        click.echo(form(record), nl=False)
    else:
        whole_file.write(to, form(record))


def _grades(book: Book, so_far: bool) -> Iterator[Grade]:
    from grader.gradebook.scores import scores

    for one in scores(book.session, book.assignment):
        for member in one.submission.members:
            person = member.person
            yield Grade(
                name=person.name,
                score=_score(one, so_far),
                max_score=one.final.max_score + one.final.awaiting,
                ids=(person.key, *(identity.value for identity in person.identities)),
                email=person.email,
            )


def _score(one: Scored, so_far: bool) -> float | None:
    """Return the score to export; None where there is none, or where it may still change."""
    graded = one.attempt is not None and one.attempt.counts
    return one.final.score if graded and (so_far or not one.final.open) else None


def _write(filled: Filled, to: Path) -> None:
    for remark in filled.remarks:
        click.echo(remark, err=True)
    if not filled.grades:
        raise UsageError("nobody in this file has a grade; nothing was written")
    whole_file.write(to, filled.content)
    click.echo(f"{filled.grades} grades in {to}")
