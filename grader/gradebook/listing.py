"""List any table of the gradebook with names in place of ids."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.gradebook.tables import Assignment, Attempt, Person, RubricItem, Submission, Table

TABLES = tuple(sorted(Table.metadata.tables))
_NAMES = {
    "person_id": (Person.id, Person.name),
    "assignment_id": (Assignment.id, Assignment.name),
    "submission_id": (Submission.id, Submission.name),
    "attempt_id": (Attempt.id, Attempt.place),
    "item_id": (RubricItem.id, RubricItem.question),
    "first_id": (Submission.id, Submission.name),
    "second_id": (Submission.id, Submission.name),
}


def rows_of(session: Session, table: str) -> list[dict[str, Any]]:
    """Return all rows of a table, the oldest first: ``person`` in place of ``person_id``, times as ISO 8601 in UTC."""
    columns = Table.metadata.tables[table].columns
    names = {
        column.name: dict(session.execute(select(*_NAMES[column.name])).all())
        for column in columns
        if column.name in _NAMES
    }
    rows = session.execute(select(*columns).order_by(columns["id"])).mappings()
    return [
        {
            key.removesuffix("_id") if key in names else key: _shown(names[key].get(value) if key in names else value)
            for key, value in row.items()
            if key != "id"
        }
        for row in rows
    ]


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
