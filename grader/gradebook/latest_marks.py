"""Read the marks that count, the latest of each answer: a thousand of them in a few milliseconds."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from grader.gradebook.tables import Mark, Submission


class LatestMark(NamedTuple):
    """A mark that counts, with the fields of `Mark`. A table of objects would take ten times as long to read."""

    id: int
    submission_id: int
    question: str
    points: float | None
    items: list[int] | None
    by: str
    at: datetime
    why: str


def latest_marks(session: Session, *which: ColumnElement[bool]) -> list[LatestMark]:
    """Return the latest mark of each answer; ``which`` are conditions on submissions and marks."""
    newest = select(func.max(Mark.id)).join(Submission).where(*which).group_by(Mark.submission_id, Mark.question)
    columns = (Mark.id, Mark.submission_id, Mark.question, Mark.points, Mark.items, Mark.by, Mark.at, Mark.why)
    return [LatestMark(*row) for row in session.execute(select(*columns).where(Mark.id.in_(newest)).order_by(Mark.id))]
