"""Read from the gradebook each submission of a class with the attempt that counts and its final score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer, selectinload

from grader.gradebook.final_score import FinalScore
from grader.gradebook.finals import final_scores
from grader.gradebook.tables import Assignment, Attempt, Member, Submission


@dataclass(frozen=True, slots=True)
class Scored:
    """A submission, the attempt of it that counts (None if none does), and its final score."""

    submission: Submission
    attempt: Attempt | None
    final: FinalScore


class Try(NamedTuple):
    """What one attempt of a submission earned by its checks."""

    number: int
    score: float
    max_score: float


def scores(session: Session, assignment: Assignment) -> list[Scored]:
    """Return the final score of every submission of an assignment, sorted by the submission's name."""
    return _scores(session, assignment, Submission.assignment_id == assignment.id)


def scores_of(session: Session, assignment: Assignment, submissions: Sequence[int]) -> list[Scored]:
    """Return the final scores of some submissions of an assignment, by their ids, sorted by their names."""
    return _scores(session, assignment, Submission.id.in_(submissions))


def scored(session: Session, submission: Submission) -> Scored:
    """Return the final score of one submission."""
    (found,) = _scores(session, submission.assignment, Submission.id == submission.id)
    return found


def _scores(session: Session, assignment: Assignment, which: ColumnElement[bool]) -> list[Scored]:
    query = (
        select(Submission)
        .where(which)
        .options(selectinload(Submission.members).joinedload(Member.person))
        .order_by(Submission.name)
    )
    finals = {final.submission: final for final in final_scores(session, assignment, which)}
    counting = [final.attempt for final in finals.values() if final.attempt]
    whole = select(Attempt).where(Attempt.id.in_(counting)).options(defer(Attempt.checks))
    attempts = {one.submission_id: one for one in session.scalars(whole)}
    return [Scored(one, attempts.get(one.id), finals[one.id].score) for one in session.scalars(query)]


def best_and_latest(session: Session, assignment: Assignment) -> Iterator[tuple[str, Try, Try]]:
    """Yield the name of each submission with its best and its latest attempt, of those that can be a grade."""
    query = (
        select(Submission.name, Attempt.number, Attempt.score, Attempt.max_score)
        .join(Attempt)
        .where(Submission.assignment_id == assignment.id, Attempt.counts)
        .order_by(Submission.name, Attempt.number)
    )
    for name, rows in groupby(session.execute(query), key=lambda row: row.name):
        graded = [Try(*row[1:]) for row in rows]
        yield name, max(graded, key=lambda one: (one.score, one.number)), graded[-1]
