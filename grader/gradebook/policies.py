"""Read which late policy holds."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.gradebook.final_score import LatePolicy
from grader.gradebook.tables import Assignment, Policy


def policy_of(session: Session, assignment: Assignment | None) -> tuple[LatePolicy, int]:
    """Return the late policy of an assignment: its own, else the course's, else one that costs nothing.

    And how many of a person's worst assignments the course's total leaves out. None means the course's.
    """
    of_course = Policy.assignment_id.is_(None)
    found = session.scalars(
        select(Policy)
        .where(of_course if assignment is None else (Policy.assignment_id == assignment.id) | of_course)
        .order_by(Policy.assignment_id.is_(None).desc(), Policy.id)
    ).all()
    if not found:
        return LatePolicy(), 0
    latest = found[-1]
    policy = LatePolicy(
        percent_a_day=latest.percent_a_day,
        most_percent=latest.most_percent,
        grace_minutes=latest.grace_minutes,
        days_accepted=latest.days_accepted,
    )
    return policy, latest.dropped
