"""Read which attempts that need a look a person has looked at."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.analysis.by_people import Looked
from grader.gradebook.tables import Assignment, Attempt, Look, Submission


def looked_at(session: Session, assignment: Assignment) -> dict[tuple[str, int], Looked]:
    """Return who looked at each attempt, by the submission's name and the attempt's number; the latest word counts."""
    query = (
        select(Submission.name, Attempt.number, Look.looked, Look.by, Look.at, Look.why)
        .select_from(Look)
        .join(Attempt)
        .join(Submission)
        .where(Submission.assignment_id == assignment.id)
        .order_by(Look.id)
    )
    latest = {
        (name, number): (looked, Looked(by, at, why)) for name, number, looked, by, at, why in session.execute(query)
    }
    return {attempt: words for attempt, (looked, words) in latest.items() if looked}
