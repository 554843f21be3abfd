"""Read from the gradebook what people did on the marking desk, for the class page and `grader item-analysis`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from grader.analysis.by_people import ByPeople
from grader.errors import UsageError


def by_people(folder: Path, assignment: str, db: str | None = None) -> ByPeople:
    """Return what people marked and looked at of the class in ``folder``; nothing where there is no gradebook.

    Makes no gradebook and takes no records in.

    Raises:
        UsageError: the gradebook cannot be opened.
    """
    from grader.gradebook.place import may_be_there, url_of

    is_installed = importlib.util.find_spec("sqlalchemy") and importlib.util.find_spec("alembic")
    if not (is_installed and may_be_there(folder, db)):
        return ByPeople()
    from sqlalchemy import select

    from grader.gradebook.database import Database
    from grader.gradebook.looks import looked_at
    from grader.gradebook.markers import markers
    from grader.gradebook.tables import Assignment

    database = Database(url_of(folder, db))
    try:
        with database.session() as session:
            found = session.scalars(select(Assignment).where(Assignment.name == assignment)).one_or_none()
            return ByPeople(tuple(markers(session, found)), looked_at(session, found)) if found else ByPeople()
    finally:
        database.close()


def by_people_if_readable(folder: Path, assignment: str) -> ByPeople:
    """Return what `by_people` does; a gradebook that cannot be opened is told on stderr, and the page lacks it."""
    try:
        return by_people(folder, assignment)
    except UsageError as error:
        click.echo(f"the class page does not show what people marked and looked at: {error}", err=True)
        return ByPeople()
