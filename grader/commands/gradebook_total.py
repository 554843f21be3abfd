"""``grader gradebook total``: everybody's total over all assignments of a gradebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands.gradebook_book import DB, FOLDER, Book, decision_of, form_option, opened
from grader.commands.gradebook_output import Form, print_rows

if TYPE_CHECKING:
    from grader.gradebook.course_total import PersonTotal


@click.command("total")
@FOLDER
@DB
@click.option(
    "--weight",
    nargs=2,
    type=(str, float),
    multiple=True,
    metavar="ASSIGNMENT NUMBER",
    help="From now on, count this assignment so many times; 0 leaves it out (may be repeated).",
)
@click.option(
    "--drop",
    type=click.IntRange(min=0),
    metavar="N",
    help="From now on, leave out everybody's N worst assignments, but never the last one.",
)
@form_option
def total(folder: Path, db: str | None, weight: tuple[tuple[str, float], ...], drop: int | None, form: Form) -> int:
    """Show everybody's total over all assignments of the gradebook, in per cent, and how it came about.

    A gradebook holds several assignments if all are graded with the same --db or GRADER_DB. Every assignment counts
    once unless --weight says otherwise. Who handed in nothing has 0 there; what cannot be scored yet does not count.
    The last column says both.

    \b
    Examples:
      export GRADER_DB=sqlite:///course.sqlite
      grader gradebook show build/lab1 && grader gradebook total build/lab2
      grader gradebook total build/lab1 --weight lab1 2 --weight lab2 0.5 --drop 1
      grader gradebook total build/lab1 --csv > course.csv

    \b
    Exit codes: 0 all records were read · 1 some cannot be read, a person must look · 2 wrong usage
    """  # noqa: D301
    from grader.gradebook import decisions
    from grader.gradebook.course_total import course_totals

    with opened(folder, db) as book:
        for name, times in weight:
            decisions.weigh(book.session, name, times)
        if drop is not None:
            _drop(book, drop)
        book.session.flush()
        totals = course_totals(book.session)
        assignments = dict.fromkeys(result.assignment for one in totals for result in one.results)
        print_rows([_row(one, form, [*assignments]) for one in totals], form, "there is nobody in the gradebook")
        return int(book.unreadable > 0)


def _drop(book: Book, number: int) -> None:
    """Leave out everybody's worst assignments; the course's late policy stays as it is."""
    from grader.gradebook import decisions
    from grader.gradebook.policies import policy_of

    policy, _ = policy_of(book.session, None)
    decisions.set_policy(book.session, None, policy, number, decision_of(None, ""))


def _row(one: PersonTotal, form: Form, assignments: list[str]) -> dict[str, Any]:
    """Return a person's row, with a column for each assignment; on a screen only what fits there."""
    percent = {result.assignment: round(100 * result.share, 2) for result in one.results}
    row: dict[str, Any] = {"name": one.person.name}
    if form != "table":
        row |= {"key": one.person.key, "email": one.person.email, "section": one.person.section}
    row |= {"total": one.total.per_cent}
    if form != "table":
        row |= {f"{name}_percent": percent.get(name) for name in assignments}
        row |= {"left_out": list(one.total.left_out)}
    return row | {"derivation": one.total.derivation, "to_decide": one.open}
