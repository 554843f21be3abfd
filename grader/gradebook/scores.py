"""Read from the gradebook what each submission earned, and compute its final score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer, selectinload

from grader.gradebook.final_score import Earned, FinalScore, LatePolicy, final_score
from grader.gradebook.latest_marks import latest_marks
from grader.gradebook.rubric import items_of, worth
from grader.gradebook.tables import (
    Assignment,
    Attempt,
    Extension,
    Lateness,
    Member,
    Override,
    Policy,
    Submission,
)


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
    submissions = session.scalars(query).all()
    attempts = counting_attempts(session, assignment, which)
    decisions = _Decisions(session, assignment, which, attempts)
    return [
        Scored(one, attempts.get(one.id), final_score(decisions.earned(one, attempts.get(one.id))))
        for one in submissions
    ]


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


def counting_attempts(session: Session, assignment: Assignment, which: ColumnElement[bool]) -> dict[int, Attempt]:
    """Return by submission the attempt that counts: the latest that can be a grade, or the best of these.

    ``which`` is a condition on submissions. The attempts' ``checks`` are read only when somebody asks for them.
    """
    short = (
        select(Attempt.submission_id, Attempt.counts, Attempt.score, Attempt.number, Attempt.id)
        .join(Submission)
        .where(which)
    )
    best = dict[int, tuple[bool, float, int, int]]()
    for submission, counts, score, number, attempt in session.execute(short):
        rank = (counts, score if assignment.best_counts else 0.0, number, attempt)
        best[submission] = max(best.get(submission, rank), rank)
    chosen = [attempt for *_, attempt in best.values()]
    whole = select(Attempt).where(Attempt.id.in_(chosen)).options(defer(Attempt.checks))
    return {one.submission_id: one for one in session.scalars(whole)}


def _given(session: Session, attempts: Sequence[int]) -> dict[int, dict[tuple[str, str], float]]:
    """Return what each check gave, by part and name, of attempts by their ids."""
    found = session.execute(select(Attempt.id, Attempt.checks).where(Attempt.id.in_(attempts)))
    return {one: {(part, name): score for part, name, score, _ in checks} for one, checks in found}


class _Decisions:
    """What people decided about the submissions of one assignment: the latest of each kind."""

    def __init__(
        self, session: Session, assignment: Assignment, which: ColumnElement[bool], attempts: Mapping[int, Attempt]
    ) -> None:
        self._assignment = assignment
        self._policy, _ = policy_of(session, assignment)
        # In the order in which they were made, so that each dict keeps the latest.
        self._marks = {(one.submission_id, one.question): one for one in latest_marks(session, which)}
        self._items = items_of(session, assignment)
        self._overrides = defaultdict[int, dict[tuple[str, str], float | None]](dict)
        for one in session.scalars(select(Override).join(Submission).where(which).order_by(Override.id)):
            self._overrides[one.submission_id][one.part, one.check] = one.points
        self._given = _given(session, [attempts[one].id for one in self._overrides if one in attempts])
        lateness = session.scalars(select(Lateness).join(Submission).where(which).order_by(Lateness.id))
        self._lateness = {one.submission_id: one.days for one in lateness}
        extensions = select(Extension).where(Extension.assignment_id == assignment.id).order_by(Extension.id)
        self._minutes = {one.person_id: one.minutes for one in session.scalars(extensions)}

    def earned(self, submission: Submission, attempt: Attempt | None) -> Earned:
        """Return all that decides the final score of a submission."""
        if attempt is None or not attempt.counts:
            return Earned()
        mine = {check: points for check, points in self._overrides[submission.id].items() if points is not None}
        given = self._given.get(attempt.id, {})
        marks = {
            question: worth(mark, self._items, most)
            for question, most in attempt.questions.items()
            if (mark := self._marks.get((submission.id, question)))
        }
        return Earned(
            checks=attempt.score,
            max_checks=attempt.max_score,
            whole=mine.get(("", "")),
            overrides={check: points - given[check] for check, points in mine.items() if check in given},
            questions=attempt.questions,
            marks={question: points for question, points in marks.items() if points is not None},
            days_late=self._days_late(submission),
            policy=self._policy,
        )

    def _days_late(self, submission: Submission) -> int | None:
        """Return how many days late a submission is; None if it was late and nobody knows by how much."""
        decided = self._lateness.get(submission.id)
        if decided is not None:
            return decided
        due = self._assignment.due
        if due is not None and submission.handed_in is not None:
            longest = max((self._minutes.get(member.person_id, 0) for member in submission.members), default=0)
            return self._policy.days_late(submission.handed_in, due + timedelta(minutes=longest))
        return None if submission.late and self._policy.percent_a_day else 0
