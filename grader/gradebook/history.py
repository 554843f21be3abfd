"""List what happened to one person's work: attempts, marks, overrides, comments, extensions, lateness."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.gradebook.said import decided
from grader.gradebook.tables import Comment, Extension, Flag, Lateness, Look, Mark, Override, Pricing, Submission


class Event(NamedTuple):
    """One thing that happened: when (UTC), what, by whom and why."""

    at: datetime
    what: str
    by: str
    why: str


def history(session: Session, submission: Submission) -> list[Event]:
    """Return what happened to a submission, the oldest first."""
    events = (*_attempts(submission), *_decisions(session, submission), *_prices(session, submission))
    return sorted((*events, *_looks(session, submission)), key=lambda event: event.at)


def _attempts(submission: Submission) -> Iterator[Event]:
    for one in submission.attempts:
        what = f"attempt {one.number}: {one.score:g} of {one.max_score:g}" if one.counts else f"attempt {one.number}"
        yield Event(datetime.fromisoformat(one.started), f"{what} ({one.standing})", "the grader", "")


def _decisions(session: Session, submission: Submission) -> Iterator[Event]:
    for mark in decided(session, Mark, submission):
        yield Event(mark.at, f"{_given(mark.points)} for question {mark.question}", mark.by, mark.why)
    for one in decided(session, Override, submission):
        check = f"check {one.part}/{one.check}" if one.check else "all checks"
        yield Event(one.at, f"{_given(one.points)} for {check}, in place of the grader's", one.by, one.why)
    for comment in decided(session, Comment, submission):
        what = "comment withdrawn" if comment.withdraws else "comment"
        yield Event(comment.at, f"{what} on {comment.question or 'the submission'}", comment.by, comment.why)
    for flag in decided(session, Flag, submission):
        what = "flagged for a colleague" if flag.raised else "no longer flagged"
        yield Event(flag.at, f"answer to {flag.question} {what}", flag.by, flag.why)
    for lateness in decided(session, Lateness, submission):
        days = "as late as the times say" if lateness.days is None else f"{lateness.days} days late"
        yield Event(lateness.at, days, lateness.by, lateness.why)
    people = [member.person_id for member in submission.members]
    extended = select(Extension).where(
        Extension.person_id.in_(people), Extension.assignment_id == submission.assignment_id
    )
    for extension in session.scalars(extended):
        yield Event(extension.at, f"{extension.minutes / 60:g} hours more", extension.by, extension.why)


def _prices(session: Session, submission: Submission) -> Iterator[Event]:
    """Yield what changed the price of rubric items that the submission has, after it was marked with them."""
    latest = {one.question: one for one in decided(session, Mark, submission)}
    for mark in latest.values():
        changed = select(Pricing).where(Pricing.item_id.in_(mark.items or ()), Pricing.at > mark.at)
        for one in session.scalars(changed.order_by(Pricing.id)):
            now = "is retired" if one.retired else f"now gives {one.points:g} points"
            yield Event(one.at, f"rubric item “{one.words}” of question {mark.question} {now}", one.by, one.why)


def _looks(session: Session, submission: Submission) -> Iterator[Event]:
    numbers = {one.id: one.number for one in submission.attempts}
    for one in session.scalars(select(Look).where(Look.attempt_id.in_(numbers)).order_by(Look.id)):
        what = "looked at" if one.looked else "not looked at, after all"
        yield Event(one.at, f"attempt {numbers[one.attempt_id]} {what}", one.by, one.why)


def _given(points: float | None) -> str:
    return "points taken back" if points is None else f"{points:g} points"
