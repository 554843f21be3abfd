"""``grader gradebook``: final scores, their history, and what people decide about them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands.gradebook_book import DB, FOLDER, form_option, opened
from grader.commands.gradebook_decisions import comment, extend, late, mark, override
from grader.commands.gradebook_differences import NOBODY_MOVED, difference_rows
from grader.commands.gradebook_output import Form, print_rows
from grader.commands.gradebook_total import total
from grader.errors import UsageError, did_you_mean
from grader.records.store import Store
from grader.reports.item_words import FIFTHS

if TYPE_CHECKING:
    from grader.gradebook.scores import Scored


@click.group("gradebook")
def command() -> None:
    """Show final scores and how they came about; write down overrides, extensions and the late policy.

    FOLDER is what `grader grade --out` wrote. The gradebook is the file gradebook.sqlite in it, or the database that
    --db or GRADER_DB names: any SQLAlchemy URL, for several assignments or several people. Every command first takes
    in the records that are new. The latest decision counts; earlier ones stay in the history.

    \b
    Examples:
      grader gradebook show build/lab1
      grader gradebook show build/lab1 --csv > lab1.csv
      grader gradebook override build/lab1 "Ada Lovelace" --check factorise/rank2 --points 3 --why "our check was wrong"
      grader gradebook late build/lab1 --due 2026-11-27T23:59+01:00 --percent 10 --grace 15
      grader gradebook history build/lab1 "Ada Lovelace"
      grader gradebook markers build/lab1
      grader gradebook diff build/lab1-first build/lab1
      grader gradebook total build/lab1 --db sqlite:///course.sqlite
    """  # noqa: D301


@command.command("show")
@FOLDER
@DB
@click.option("--table", metavar="NAME", help="Show this table of the gradebook instead, as it is kept.")
@form_option
def show(folder: Path, db: str | None, table: str | None, form: Form) -> int:
    """Show everybody's final score, how it came about, and what is still to be decided.

    \b
    Examples:
      grader gradebook show build/lab1
      grader gradebook show build/lab1 --json
      grader gradebook show build/lab1 --table override

    \b
    Exit codes: 0 all records were read · 1 some cannot be read, a person must look · 2 wrong usage
    """  # noqa: D301
    from grader.gradebook import listing
    from grader.gradebook.scores import scores

    if table is not None and table not in listing.TABLES:
        raise UsageError(f"there is no table {table!r}{did_you_mean(table, listing.TABLES)}")
    with opened(folder, db) as book:
        if table is not None:
            print_rows(listing.rows_of(book.session, table), form, f"the table {table} is empty")
        else:
            rows = [row for scored in scores(book.session, book.assignment) for row in _score_rows(scored, form)]
            print_rows(rows, form, "nobody handed in anything")
        return int(book.unreadable > 0)


def _score_rows(scored: Scored, form: Form) -> Iterator[dict[str, Any]]:
    """Yield a row for each person of a submission; on a screen only what fits there."""
    final, people = scored.final, [member.person for member in scored.submission.members]
    graded = scored.attempt is not None and scored.attempt.counts
    for person in people:
        row: dict[str, Any] = {"name": person.name}
        if form != "table":
            row |= {"key": person.key, "email": person.email, "section": person.section}
            row |= {"submission": scored.submission.name}
        row |= {"score": final.score if graded else None, "of": final.max_score if graded else None}
        if form != "table":
            row |= {"automatic": final.automatic, "written": final.written, "late": final.late}
            row |= {"days_late": final.days_late, "awaiting": final.awaiting}
            row |= {"attempt": scored.attempt.number if scored.attempt else None}
        row["derivation"] = final.derivation if graded else "not graded"
        row["to_decide"] = final.open if graded else "look at the record"
        yield row


@command.command("history")
@FOLDER
@click.argument("person")
@DB
@form_option
def history(folder: Path, person: str, db: str | None, form: Form) -> None:
    """Show all that happened to one PERSON's work: attempts, marks, overrides, comments, extensions.

    PERSON is an id, an address, a name, or the name of a submission.

    \b
    Examples:
      grader gradebook history build/lab1 "Ada Lovelace"
    """  # noqa: D301
    from grader.gradebook.history import history as events
    from grader.gradebook.people import submission_of

    with opened(folder, db) as book:
        submission = submission_of(book.session, book.assignment.id, person)
        rows = [event._asdict() | {"at": f"{event.at:%Y-%m-%d %H:%M}"} for event in events(book.session, submission)]
        print_rows(rows, form, "nothing happened")


@command.command("best")
@FOLDER
@DB
@click.option(
    "--count", type=click.Choice(["best", "latest"]), help="From now on, count the best or the latest attempt."
)
@form_option
def best(folder: Path, db: str | None, count: str | None, form: Form) -> None:
    """Show each submission's best and latest attempt, and which of them counts.

    \b
    Examples:
      grader gradebook best build/lab1
      grader gradebook best build/lab1 --count best
    """  # noqa: D301
    from grader.gradebook.scores import best_and_latest

    with opened(folder, db) as book:
        if count is not None:
            book.assignment.best_counts = count == "best"
            book.session.flush()
        rows = [
            {"submission": name, "best": best.score, "of": best.max_score, "best_attempt": best.number}
            | {"latest": latest.score, "latest_attempt": latest.number}
            | {"counts": "best" if book.assignment.best_counts else "latest"}
            for name, best, latest in best_and_latest(book.session, book.assignment)
        ]
        print_rows(rows, form, "no attempt can be a grade")


@command.command("markers")
@FOLDER
@DB
@form_option
def markers(folder: Path, db: str | None, form: Form) -> None:
    """Show how each person marked each written question: how many answers, the mean, and how many in each fifth.

    Where two people marked many answers to a question, their means should be close. For staff only. The class page and
    `grader item-analysis` show the same.

    \b
    Examples:
      grader gradebook markers build/lab1
    """  # noqa: D301
    from grader.gradebook.markers import markers as compared

    with opened(folder, db) as book:
        rows = [
            {"question": one.question, "of": one.points, "by": one.by, "marked": one.marked, "mean": round(one.mean, 2)}
            | dict(zip(FIFTHS, one.fifths, strict=True))
            for one in compared(book.session, book.assignment)
        ]
        print_rows(rows, form, "nobody has marked anything")


@command.command("diff")
@click.argument("before", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("after", type=click.Path(exists=True, file_okay=False, path_type=Path))
@form_option
def diff(before: Path, after: Path, form: Form) -> None:
    """Show who has other points in AFTER than in BEFORE, and because of which checks.

    Both are folders of `grader grade --out`, with records of the same assignment. Compares what the grader gave; marks
    and overrides of people are not part of it.

    \b
    Examples:
      grader gradebook diff build/lab1-first build/lab1
      grader gradebook diff build/lab1-first build/lab1 --csv > moved.csv
    """  # noqa: D301
    records = [list(Store(folder).latest()) for folder in (before, after)]
    told = [", ".join(sorted({one.assignment for one in found})) or "nothing" for found in records]
    if told[0] != told[1] or "nothing" in told:
        raise UsageError(
            f"{before} holds records of {told[0]}, and {after} of {told[1]}: give two gradings of one assignment"
        )
    print_rows(difference_rows(*records), form, NOBODY_MOVED)


@command.command("import-roster")
@FOLDER
@click.argument("roster", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@DB
def import_roster(folder: Path, roster: Path, db: str | None) -> None:
    """Take in the people of ROSTER: Canvas's gradebook, Moodle's worksheet, or a CSV with id, name and email.

    \b
    Examples:
      grader gradebook import-roster build/lab1 Grades-ML1.csv
    """  # noqa: D301
    from grader.gradebook import people
    from grader.intake.roster import read_roster

    listed = read_roster(roster)
    with opened(folder, db) as book:
        added = people.import_roster(book.session, listed)
    click.echo(f"{len(listed.entries)} people on the roster, {added} of them new")


for one in (mark, comment, override, extend, late, total):
    command.add_command(one)
