"""Open the gradebook's database, and bring its tables up to date by migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.orm import Session

from grader.errors import UsageError

_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """A database with the gradebook's tables, of the newest version."""

    def __init__(self, url: str) -> None:
        """Connect and migrate.

        Raises:
            UsageError: the URL is none, its driver is not installed, the database cannot be read, or it was made by
                a later version of the grader.
        """
        try:
            # The deserializer decodes tens of thousands of columns for a total, several times as fast as `json`.
            self.engine = create_engine(url, json_deserializer=msgspec.json.decode)
        except (ArgumentError, ModuleNotFoundError) as error:
            raise UsageError(f"{url!r} cannot be opened as a gradebook: {error}") from None
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _careful)
        try:
            migrate(self.engine)
        except DatabaseError as error:  # also a file that is none
            self.close()
            hidden = make_url(url).render_as_string(hide_password=True)
            raise UsageError(f"the gradebook {hidden} cannot be opened: {error.orig}") from None
        except UsageError:
            self.close()
            raise

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Yield a session; what it did is written when the block ends, or not at all if it fails."""
        with Session(self.engine) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to a revision, by default the newest.

    Raises:
        UsageError: the tables are of a later version of the grader.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise UsageError(f"the gradebook was made by a later version of mlgrader: {error}") from None


def _careful(connection: Any, _record: Any) -> None:
    """Set up a SQLite connection: readers do not wait for writers, a mark is on the disk when it is confirmed."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA busy_timeout = 10000")
    cursor.close()
