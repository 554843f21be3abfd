"""Compute the final scores of many submissions: read what decides them as columns, without an object for each row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from grader.gradebook.final_score import Earned, FinalScore, final_score
from grader.gradebook.latest_marks import latest_given
from grader.gradebook.policies import policy_of
from grader.gradebook.rubric import items_of, worth
from grader.gradebook.tables import Assignment, Attempt, Extension, Lateness, Member, Override, Submission


class Counting(NamedTuple):
    """The attempt of a submission that counts, with the fields of `Attempt`."""

    id: int
    submission_id: int
    counts: bool
    score: float
    max_score: float
    questions: dict[str, float]


class Final(NamedTuple):
    """What one submission comes to; ``attempt`` is None if there is none, ``people`` are the ids of whose it is."""

    attempt: Counting | None
    people: tuple[int, ...]
    score: FinalScore

    @property
    def is_graded(self) -> bool:
        """Return whether an attempt of it can be a grade."""
        return self.attempt is not None and self.attempt.counts


class _HandedIn(NamedTuple):
    id: int
    late: bool
    handed_in: datetime | None


def final_scores(session: Session, assignment: Assignment, which: ColumnElement[bool]) -> dict[int, Final]:
    """Return the final score of each submission of an assignment, by its id; ``which`` is a condition on them."""
    attempts = counting_attempts(session, assignment, which)
    people = defaultdict[int, list[int]](list)
    for submission, person in session.execute(
        select(Member.submission_id, Member.person_id).join(Submission).where(which).order_by(Member.id)
    ):
        people[submission].append(person)
    decisions = _Decisions(session, assignment, which, attempts)
    found = session.execute(select(Submission.id, Submission.late, Submission.handed_in).where(which))
    return {
        one.id: Final(
            attempts.get(one.id),
            tuple(people[one.id]),
            final_score(decisions.earned(one, attempts.get(one.id), people[one.id])),
        )
        for one in (_HandedIn(*row) for row in found)
    }


def counting_attempts(session: Session, assignment: Assignment, which: ColumnElement[bool]) -> dict[int, Counting]:
    """Return by submission the attempt that counts: the latest that can be a grade, or the best of these.

    ``which`` is a condition on submissions.
    """
    latest = (Attempt.counts.desc(), Attempt.number.desc())
    better = (Attempt.counts.desc(), Attempt.score.desc(), Attempt.number.desc()) if assignment.best_counts else latest
    place = func.row_number().over(partition_by=Attempt.submission_id, order_by=better).label("place")
    ranked = select(Attempt.id, place).join(Submission).where(which).subquery()
    fields = (getattr(Attempt, name) for name in Counting._fields)
    chosen = select(*fields).join(ranked, Attempt.id == ranked.c.id).where(ranked.c.place == 1)
    return {one.submission_id: one for one in (Counting(*row) for row in session.execute(chosen))}


def _given(session: Session, attempts: Sequence[int]) -> dict[int, dict[tuple[str, str], float]]:
    """Return what each check gave, by part and name, of attempts by their ids."""
    found = session.execute(select(Attempt.id, Attempt.checks).where(Attempt.id.in_(attempts)))
    return {one: {(part, name): score for part, name, score, _ in checks} for one, checks in found}


class _Decisions:
    """What people decided about the submissions of one assignment: the latest of each kind."""

    def __init__(
        self, session: Session, assignment: Assignment, which: ColumnElement[bool], attempts: Mapping[int, Counting]
    ) -> None:
        self._assignment = assignment
        self._policy, _ = policy_of(session, assignment)
        self._marks = latest_given(session, which)
        self._items = items_of(session, assignment)
        # In the order in which they were made, so that each dict keeps the latest.
        self._overrides = defaultdict[int, dict[tuple[str, str], float | None]](dict)
        for one in session.scalars(select(Override).join(Submission).where(which).order_by(Override.id)):
            self._overrides[one.submission_id][one.part, one.check] = one.points
        self._given = _given(session, [attempts[one].id for one in self._overrides if one in attempts])
        lateness = session.scalars(select(Lateness).join(Submission).where(which).order_by(Lateness.id))
        self._lateness = {one.submission_id: one.days for one in lateness}
        extensions = select(Extension).where(Extension.assignment_id == assignment.id).order_by(Extension.id)
        self._minutes = {one.person_id: one.minutes for one in session.scalars(extensions)}

    def earned(self, submission: _HandedIn, attempt: Counting | None, people: Sequence[int]) -> Earned:
        """Return all that decides the final score of what ``people`` handed in."""
        if attempt is None or not attempt.counts:
            return Earned()
        decided = self._overrides.get(submission.id, {})
        mine = {check: points for check, points in decided.items() if points is not None}
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
            days_late=self._days_late(submission, people),
            policy=self._policy,
        )

    def _days_late(self, submission: _HandedIn, people: Sequence[int]) -> int | None:
        """Return how many days late a submission is; None if it was late and nobody knows by how much."""
        decided = self._lateness.get(submission.id)
        if decided is not None:
            return decided
        due = self._assignment.due
        if due is not None and submission.handed_in is not None:
            longest = max((self._minutes.get(person, 0) for person in people), default=0)
            return self._policy.days_late(submission.handed_in, due + timedelta(minutes=longest))
        return None if submission.late and self._policy.percent_a_day else 0
