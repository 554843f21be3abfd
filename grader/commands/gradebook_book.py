"""What the commands of ``grader gradebook`` share: their arguments, and how they open the gradebook."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.commands.gradebook_output import Form

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.gradebook.decisions import Decision
    from grader.gradebook.tables import Assignment

F = TypeVar("F", bound=Callable[..., Any])

FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
DB = click.option("--db", metavar="URL", help="The gradebook's database (default: GRADER_DB, or a file in FOLDER).")
BY = click.option("--by", metavar="NAME", help="Who decides this (default: your user name).")
WHY = click.option("--why", default="", metavar="WORDS", help="The reason; it stays in the history.")


def form_option(function: F) -> F:
    """Give a command ``--json`` and ``--csv``, as ``form``."""

    @click.option("--json", "form", flag_value="json", help="Print JSON.")
    @click.option("--csv", "form", flag_value="csv", help="Print CSV, safe to open in a spreadsheet.")
    @functools.wraps(function)
    def with_form(*arguments: Any, form: Form | None, **options: Any) -> Any:
        return function(*arguments, form=form or "table", **options)

    return with_form  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Book:
    """An open gradebook, the assignment of the records in FOLDER, and how many of these could not be read."""

    session: Session
    assignment: Assignment
    unreadable: int


@contextmanager
def opened(folder: Path, db: str | None) -> Iterator[Book]:
    """Open the gradebook and take in the records below ``folder`` that are new."""
    from grader.gradebook.database import Database
    from grader.gradebook.place import url_of
    from grader.gradebook.take_in import refuse_empty, take_in

    refuse_empty(folder)  # before a database is made in it
    database = Database(url_of(folder, db))
    try:
        with database.session() as session:
            taken = take_in(session, folder)
            for line in taken.unreadable:
                click.echo(f"cannot be read, a person must look: {line}", err=True)
            yield Book(session, taken.assignment, len(taken.unreadable))
    finally:
        database.close()


def decision_of(by: str | None, why: str) -> Decision:
    """Return who decides, when and why."""
    from grader.gradebook.decisions import Decision

    return Decision(by=by, why=why) if by else Decision(why=why)
