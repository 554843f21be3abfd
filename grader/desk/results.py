"""What the grader itself found in a student's work, as the desk shows it: folded beside an answer, or on its page."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.orm import Session

from grader.desk.desk import Desk
from grader.desk.saving import latest_override
from grader.desk.work import Student
from grader.gradebook.said import decided
from grader.gradebook.tables import Override
from grader.records.record import CheckRecord


class Check(NamedTuple):
    """One check, the points that count, and the latest decision about them (0 if nobody decided)."""

    part: str
    record: CheckRecord
    points: float
    overridden: Override | None
    seen: int


class Results(NamedTuple):
    """The checks of each part by its title, and the points of all."""

    parts: dict[str, list[Check]]
    score: float
    most: float
    whole: Override | None
    whole_seen: int


def results_of(desk: Desk, session: Session, student: Student) -> Results:
    """Read a student's record, with what people decided in place of the grader."""
    record, attempt = desk.work.record_of(student), desk.attempt(session, student)
    overrides = list(decided(session, Override, attempt.submission))
    parts = {
        part.title: [
            _check(part.name, check, latest_override(overrides, (part.name, check.name))) for check in part.checks
        ]
        for part in record.parts
    }
    whole = latest_override(overrides, ("", ""))
    counts = whole if whole and whole.points is not None else None
    score = sum(check.points for checks in parts.values() for check in checks)
    return Results(
        parts=parts,
        score=score if counts is None or counts.points is None else counts.points,
        most=record.max_score,
        whole=counts,
        whole_seen=whole.id if whole else 0,
    )


def _check(part: str, check: CheckRecord, latest: Override | None) -> Check:
    counts = latest if latest and latest.points is not None else None
    points = check.score if counts is None or counts.points is None else counts.points
    return Check(part, check, points, counts, latest.id if latest else 0)
