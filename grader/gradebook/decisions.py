"""Write down what people decide: marks, overrides, comments, extensions, lateness, policies. Rows are only added.

Each decision names who made it, when and why; a later one counts in place of an earlier one.
"""

from __future__ import annotations

import getpass
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import UsageError, did_you_mean
from grader.gradebook.final_score import LatePolicy
from grader.gradebook.tables import (
    Apart,
    Assignment,
    Attempt,
    Comment,
    Extension,
    Flag,
    Lateness,
    Look,
    Mark,
    Override,
    Person,
    Policy,
    Submission,
)


def _who() -> str:
    """Return the name of this user, even where the system has none for them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides, when and why."""

    by: str = field(default_factory=_who)
    why: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def columns(self) -> dict[str, Any]:
        """Return the decision as the columns of its row."""
        return {"by": self.by, "at": self.at, "why": self.why}


def mark(session: Session, attempt: Attempt, question: str, points: float | None, decision: Decision) -> None:
    """Give points for a written answer, or take them back (None).

    Raises:
        UsageError: there is no such question, or the points are not between 0 and its points.
    """
    if question not in attempt.questions:
        raise UsageError(f"there is no written question {question!r}{did_you_mean(question, attempt.questions)}")
    _refuse_outside(points, attempt.questions[question], f"question {question!r}")
    session.add(Mark(submission_id=attempt.submission_id, question=question, points=points, **decision.columns()))


def override(
    session: Session, attempt: Attempt, check: tuple[str, str], points: float | None, decision: Decision
) -> None:
    """Give points in place of the grader's, or take them back (None): for a check of a part, or for all: ``("", "")``.

    Raises:
        UsageError: there is no such check, no reason is given, or the points are not between 0 and those it is worth.
    """
    part, name = check
    worth = {(part, name): points for part, name, _, points in attempt.checks}
    worth["", ""] = sum(worth.values())
    if check not in worth:
        of_part = sorted(name for other, name in worth if other == part)
        parts = sorted({other for other, _ in worth} - {""})
        if not of_part:
            raise UsageError(f"there is no part {part!r}{did_you_mean(part, parts)}")
        raise UsageError(f"there is no check {name!r} in part {part!r}{did_you_mean(name, of_part)}")
    if not decision.why:
        raise UsageError("say why: the reason stays beside the points (--why)")
    _refuse_outside(points, worth[check], f"check {part}/{name}" if name else "all checks")
    session.add(
        Override(submission_id=attempt.submission_id, part=part, check=name, points=points, **decision.columns())
    )


def comment(session: Session, submission: Submission, question: str, decision: Decision) -> None:
    """Add a comment for the student, on the submission or on one written question; ``decision.why`` holds its words."""
    if not decision.why.strip():
        raise UsageError("the comment is empty")
    session.add(Comment(submission_id=submission.id, question=question, **decision.columns()))


def withdraw(session: Session, comment_id: int, decision: Decision) -> None:
    """Take a comment back: the student does not read it; it stays in the history."""
    found = session.get(Comment, comment_id)
    if found is None:
        raise UsageError("there is no such comment")
    row = Comment(submission_id=found.submission_id, question=found.question, withdraws=found.id, **decision.columns())
    session.add(row)


def flag(session: Session, submission: Submission, question: str, raised: bool, decision: Decision) -> None:
    """Ask a colleague to look at an answer, or no longer; ``decision.why`` says what for."""
    session.add(Flag(submission_id=submission.id, question=question, raised=raised, **decision.columns()))


def look(session: Session, attempt: Attempt, looked: bool, decision: Decision) -> None:
    """Say that a person has looked at an attempt that needs a look, or that one still must."""
    session.add(Look(attempt_id=attempt.id, looked=looked, **decision.columns()))


def set_apart(session: Session, submission: Submission, question: str, apart: bool, decision: Decision) -> None:
    """Say whether an answer is marked by itself, although others are nearly identical."""
    session.add(Apart(submission_id=submission.id, question=question, apart=apart, **decision.columns()))


def extend(session: Session, person: Person, assignment: Assignment, minutes: int, decision: Decision) -> None:
    """Give a person more time for an assignment: ``minutes`` after the time when it is due; 0 takes it back."""
    if minutes < 0:
        raise UsageError("an extension cannot be negative")
    session.add(Extension(person_id=person.id, assignment_id=assignment.id, minutes=minutes, **decision.columns()))


def set_days_late(session: Session, submission: Submission, days: int | None, decision: Decision) -> None:
    """Say how many days late a submission was; None means: as the times say."""
    if days is not None and days < 0:
        raise UsageError("the days cannot be negative")
    session.add(Lateness(submission_id=submission.id, days=days, **decision.columns()))


def weigh(session: Session, name: str, weight: float) -> None:
    """Set how much an assignment counts in the course's total, relative to the others; 0 leaves it out.

    Raises:
        UsageError: there is no such assignment, or the weight is negative or no number.
    """
    assignments = {one.name: one for one in session.scalars(select(Assignment))}
    if name not in assignments:
        raise UsageError(f"the gradebook has no assignment {name!r}{did_you_mean(name, assignments)}")
    if not 0 <= weight < math.inf:
        raise UsageError(f"{weight:g} is no weight: give 0 or more")
    assignments[name].weight = weight


def set_policy(
    session: Session, assignment: Assignment | None, policy: LatePolicy, dropped: int, decision: Decision
) -> None:
    """Set the late policy of an assignment; None means of every assignment that has none of its own.

    Raises:
        UsageError: a share is not between 0 and 100 per cent, or a number is negative.
    """
    for percent in (policy.percent_a_day, policy.most_percent):
        if not 0 <= percent <= 100:
            raise UsageError(f"{percent:g} is not between 0 and 100 per cent")
    if min(policy.grace_minutes, policy.days_accepted or 0, dropped) < 0:
        raise UsageError("minutes, days and assignments cannot be negative")
    session.add(
        Policy(
            assignment_id=assignment.id if assignment else None,
            percent_a_day=policy.percent_a_day,
            most_percent=policy.most_percent,
            grace_minutes=policy.grace_minutes,
            days_accepted=policy.days_accepted,
            dropped=dropped,
            **decision.columns(),
        )
    )


def _refuse_outside(points: float | None, most: float, what: str) -> None:
    if points is not None and not 0 <= points <= most:
        raise UsageError(f"{points:g} is not between 0 and {most:g}, which {what} can give")
