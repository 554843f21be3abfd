"""``grader export``: what Canvas, Moodle and others take in, and the class as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.commands import export_autograder, export_github
from grader.commands.gradebook_book import DB, FOLDER, Book, opened
from grader.commands.options import collected
from grader.errors import UsageError, or_one_of
from grader.exports import blackboard, canvas, classroom, gradescope, moodle, table
from grader.exports.grades import Filled, Grade
from grader.files import whole_file
from grader.records.record import ResultRecord
from grader.records.store import Store
from grader.reports.formats import FORMATS

if TYPE_CHECKING:
    from grader.gradebook.scores import Scored


@click.group("export")
def command() -> None:
    """Write what an LMS takes in: grades, or an autograder. Nothing is sent anywhere: you upload the file.

    FOLDER is what `grader grade --out` wrote. Canvas, Moodle and Blackboard get their own file back, with the final
    scores of the gradebook in one column; nobody without a grade is changed. csv and parquet are for yourself: one row
    a person, one column for every part and every check. Two commands need no grades: gradescope-autograder makes the
    zip that grades on Gradescope, github-classroom a repository that checks itself.

    \b
    Examples:
      grader export canvas build/lab1 Grades-ML1.csv --column "Lab 1" --to lab1-canvas.csv
      grader export moodle build/lab1 Worksheet.csv --to lab1-moodle.csv
      grader export blackboard build/lab1 gc_ML1.csv --column "Lab 1" --to lab1-blackboard.csv
      grader export parquet build/lab1 --to lab1.parquet
      grader export gradescope build/lab1 ann --to results.json
      grader export classroom build/lab1 ann
      grader export gradescope-autograder lab1
      grader export github-classroom lab1
    """  # noqa: D301


command.add_command(export_autograder.command)
command.add_command(export_github.command)

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_TO = click.option("--to", type=click.Path(path_type=Path), required=True, help="Write the filled file here.")
_COLUMN = click.option("--column", help="The column's title, id or header (default: the assignment's title).")
_SCALE = click.option("--scale", is_flag=True, help="Turn scores into shares of what the LMS says it is worth.")
_SO_FAR = click.option("--so-far", is_flag=True, help="Also those of whom something is still to be decided or marked.")
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """Which grades go into which file of an LMS."""

    folder: Path
    file: Path
    to: Path
    scale: bool = False
    so_far: bool = False
    db: str | None = None


def _filling(function: F) -> F:
    """Give a command the folder of the grades, the file to fill in and how, as ``filling``."""
    return FOLDER(_FILE(_TO(_SCALE(_SO_FAR(DB(collected(Filling, "filling")(function)))))))


@command.command("canvas")
@_filling
@_COLUMN
def to_canvas(filling: Filling, column: str | None) -> None:
    """Fill in one column of FILE, an export of Canvas's gradebook. The new file has no other assignment's column.

    Who has no final score is left out and named, so that Canvas keeps what it has.

    \b
    Examples:
      grader export canvas build/lab1 Grades-ML1.csv --column "Lab 1" --to lab1-canvas.csv
    """  # noqa: D301
    _fill_column(filling, column, canvas.fill)


@command.command("blackboard")
@_filling
@_COLUMN
def to_blackboard(filling: Filling, column: str | None) -> None:
    """Fill in one column of FILE, a download of Blackboard's Grade Center. The new file has no other column.

    \b
    Examples:
      grader export blackboard build/lab1 gc_ML1.csv --column "Lab 1" --to lab1-blackboard.csv
    """  # noqa: D301
    _fill_column(filling, column, blackboard.fill)


@command.command("moodle")
@_filling
def to_moodle(filling: Filling) -> None:
    """Fill in FILE, an offline grading worksheet of Moodle.

    \b
    Examples:
      grader export moodle build/lab1 Worksheet.csv --to lab1-moodle.csv
    """  # noqa: D301
    grades, _ = _class(filling)
    _write(moodle.fill(filling.file.read_bytes(), filling.file.name, grades, scale=filling.scale), filling.to)


@command.command("csv")
@FOLDER
@_TO
@DB
def to_csv(folder: Path, to: Path, db: str | None) -> None:
    """Write a row for each person and a column for every part and check, safe to open in a spreadsheet.

    \b
    Examples:
      grader export csv build/lab1 --to lab1.csv
    """  # noqa: D301
    _write_table(folder, to, db, table.as_csv)


@command.command("parquet")
@FOLDER
@_TO
@DB
def to_parquet(folder: Path, to: Path, db: str | None) -> None:
    """Write what csv does as Parquet, with the types of the columns, for pandas, R, DuckDB and others.

    \b
    Examples:
      grader export parquet build/lab1 --to lab1.parquet
    """  # noqa: D301
    _write_table(folder, to, db, table.as_parquet)


@command.command("junit")
@FOLDER
@_TO
def to_junit(folder: Path, to: Path) -> None:
    """Write JUnit XML for a CI server: a suite for each submission, a case for each check.

    \b
    Examples:
      grader export junit build/lab1 --to lab1.xml
    """  # noqa: D301
    records = _records(folder)
    whole_file.write(to, FORMATS["junit"](records))
    click.echo(f"{len(records)} submissions in {to}")


@command.command("gradescope")
@FOLDER
@click.argument("submission")
@click.option("--to", type=click.Path(path_type=Path), help="Write it here (default: print it).")
def to_gradescope(folder: Path, submission: str, to: Path | None) -> None:
    """Write the record of one SUBMISSION as Gradescope's results.json.

    \b
    Examples:
      grader export gradescope build/lab1 ann --to results.json
    """  # noqa: D301
    _put_out(folder, submission, gradescope.results, to)


@command.command("classroom")
@FOLDER
@click.argument("submission")
@click.option("--to", type=click.Path(path_type=Path), help="Write it here (default: print it).")
def to_classroom(folder: Path, submission: str, to: Path | None) -> None:
    """Write the record of one SUBMISSION for GitHub Classroom's autograding reporter.

    \b
    Examples:
      grader export classroom build/lab1 ann
    """  # noqa: D301
    _put_out(folder, submission, classroom.result, to)


def _put_out(folder: Path, submission: str, form: Callable[[ResultRecord], bytes], to: Path | None) -> None:
    record = Store(folder).latest_of(submission)
    if record is None:
        known = [one.submission.name for one in _records(folder)]
        raise UsageError(f"there is no record of {submission} below {folder}{or_one_of(submission, known)}")
    if to is None:
        click.echo(form(record), nl=False)
    else:
        whole_file.write(to, form(record))


def _records(folder: Path) -> list[ResultRecord]:
    if not (records := list(Store(folder).latest())):
        raise UsageError(
            f"there are no records below {folder}: run `grader grade ASSIGNMENT PATH --out {folder}` first"
        )
    return records


def _fill_column(filling: Filling, column: str | None, fill: Callable[..., Filled]) -> None:
    grades, title = _class(filling)
    content = filling.file.read_bytes()
    _write(fill(content, filling.file.name, column or title, grades, scale=filling.scale), filling.to)


def _class(filling: Filling) -> tuple[list[Grade], str]:
    """Return everybody's grade, and what the assignment is called."""
    with opened(filling.folder, filling.db) as book:
        return list(_grades(book, filling.so_far)), book.assignment.title or book.assignment.name


def _write_table(folder: Path, to: Path, db: str | None, form: Callable[[list[table.Column]], bytes]) -> None:
    with opened(folder, db) as book:
        rows = list(_rows(book))
    whole_file.write(to, form(table.columns_of(rows)))
    click.echo(f"{len(rows)} people in {to}")


def _rows(book: Book) -> Iterator[table.Row]:
    from grader.gradebook.scores import scores

    for one in scores(book.session, book.assignment):
        final, graded = one.final, one.attempt is not None and one.attempt.counts
        checks: dict[str, dict[str, float]] = {}
        for part, check, score, _ in one.attempt.checks if one.attempt is not None and graded else ():
            checks.setdefault(part, {})[check] = score
        earned = {"score": final.score, "max_score": final.max_score, "automatic": final.automatic}
        earned |= {"written": final.written, "late": final.late, "awaiting_marking": final.awaiting}
        earned |= {"days_late": final.days_late}
        about = earned if graded else dict.fromkeys(earned)
        about |= {"attempt": one.attempt.number if one.attempt else None}
        about |= {"submission": one.submission.name, "to_decide": final.open if graded else "look at the record"}
        for person in (member.person for member in one.submission.members):
            who = {"name": person.name, "id": person.key, "email": person.email, "section": person.section}
            yield table.Row(who | about, checks)


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
        raise UsageError(
            "nobody in this file has a final score, so nothing was written: `grader gradebook show` says what is to be "
            "decided; --so-far takes scores that may still change"
        )
    whole_file.write(to, filled.content)
    click.echo(f"{filled.grades} grade{'' if filled.grades == 1 else 's'} in {to}")
