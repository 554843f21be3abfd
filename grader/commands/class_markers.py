"""Read from the gradebook how each person marked, for the class page and `grader item-analysis`."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import click

from grader.analysis.results import MarkerItem
from grader.errors import UsageError


def markers_of(folder: Path, assignment: str, db: str | None = None) -> tuple[MarkerItem, ...]:
    """Return how each person marked each question of the class in ``folder``; empty where there is no gradebook.

    Makes no gradebook and takes no records in.

    Raises:
        UsageError: the gradebook cannot be opened.
    """
    if not (importlib.util.find_spec("sqlalchemy") and importlib.util.find_spec("alembic")):
        return ()
    from sqlalchemy import select

    from grader.gradebook.database import FILE, VARIABLE, Database, url_of
    from grader.gradebook.markers import markers
    from grader.gradebook.tables import Assignment

    if not (db or os.environ.get(VARIABLE) or (folder / FILE).is_file()):
        return ()
    database = Database(url_of(folder, db))
    try:
        with database.session() as session:
            found = session.scalars(select(Assignment).where(Assignment.name == assignment)).one_or_none()
            return tuple(markers(session, found)) if found else ()
    finally:
        database.close()


def markers_if_readable(folder: Path, assignment: str) -> tuple[MarkerItem, ...]:
    """Return what `markers_of` does; a gradebook that cannot be opened is told on stderr, and the page lacks it."""
    try:
        return markers_of(folder, assignment)
    except UsageError as error:
        click.echo(f"the class page does not show who marked what: {error}", err=True)
        return ()
