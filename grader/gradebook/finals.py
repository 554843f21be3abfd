"""Compute the final scores of many submissions: read what decides them as columns, without an object for each row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from grader.gradebook.final_score import Earned, FinalScore, final_score
from grader.gradebook.latest_marks import latest_given
from grader.gradebook.policies import policy_of
from grader.gradebook.rubric import items_of, worth
from grader.gradebook.tables import Assignment, Attempt, Extension, Lateness, Member, Override, Submission

_Check = tuple[str, str]  # a part, and the name of a check of it


class HandedIn(NamedTuple):
    """A submission, with the attempt of it that counts: None, and without its fields, if there is no attempt."""

    id: int
    late: bool
    handed_in: datetime | None
    attempt: int | None
    counts: bool | None
    score: float | None
    max_score: float | None
    questions: dict[str, float] | None


class Final(NamedTuple):
    """What one submission comes to; ``submission`` and ``people``, whose it is, are ids.

    So is ``attempt``, the one that counts; None if there is none. It ``is_graded`` if that attempt can be a grade.
    """

    submission: int
    attempt: int | None
    is_graded: bool
    people: Sequence[int]
    score: FinalScore


def final_scores(session: Session, assignment: Assignment, which: ColumnElement[bool]) -> Iterator[Final]:
    """Yield the final score of each submission of an assignment; ``which`` is a condition on submissions."""
    submissions = handed_in(session, assignment, which)
    people = defaultdict[int, list[int]](list)
    for submission, person in session.execute(
        select(Member.submission_id, Member.person_id).join(Submission).where(which).order_by(Member.id)
    ):
        people[submission].append(person)
    decisions = _Decisions(session, assignment, which, submissions)
    for one in submissions:
        score = final_score(decisions.earned(one, people[one.id]))
        yield Final(one.id, one.attempt, bool(one.counts), people[one.id], score)


def handed_in(session: Session, assignment: Assignment, which: ColumnElement[bool]) -> list[HandedIn]:
    """Return the submissions of an assignment for which ``which``, a condition on submissions, holds.

    The attempt that counts is the latest that can be a grade, or the best of these, as the assignment says.
    """
    one = aliased(Attempt)
    latest = (one.counts.desc(), one.number.desc())
    better = (one.counts.desc(), one.score.desc(), one.number.desc()) if assignment.best_counts else latest
    first = select(one.id).where(one.submission_id == Submission.id).order_by(*better).limit(1).scalar_subquery()
    of_attempt = (Attempt.id, Attempt.counts, Attempt.score, Attempt.max_score, Attempt.questions)
    query = select(Submission.id, Submission.late, Submission.handed_in, *of_attempt)
    found = session.execute(query.outerjoin(Attempt, Attempt.id == first).where(which))
    return [HandedIn(*row) for row in found]


def _given(session: Session, attempts: Sequence[int]) -> dict[int, dict[_Check, float]]:
    """Return what each check gave, by part and name, of attempts by their ids."""
    found = session.execute(select(Attempt.id, Attempt.checks).where(Attempt.id.in_(attempts)))
    return {one: {(part, name): score for part, name, score, _ in checks} for one, checks in found}


class _Decisions:
    """What people decided about the submissions of one assignment: the latest of each kind."""

    def __init__(
        self, session: Session, assignment: Assignment, which: ColumnElement[bool], submissions: Sequence[HandedIn]
    ) -> None:
        self._assignment = assignment
        self._policy, _ = policy_of(session, assignment)
        self._marks = latest_given(session, which)
        self._items = items_of(session, assignment)
        # In the order in which they were made, so that each dict keeps the latest.
        self._overrides = defaultdict[int, dict[_Check, float | None]](dict)
        for one in session.scalars(select(Override).join(Submission).where(which).order_by(Override.id)):
            self._overrides[one.submission_id][one.part, one.check] = one.points
        self._given = _given(session, [one.attempt for one in submissions if one.attempt and one.id in self._overrides])
        lateness = session.scalars(select(Lateness).join(Submission).where(which).order_by(Lateness.id))
        self._lateness = {one.submission_id: one.days for one in lateness}
        extensions = select(Extension).where(Extension.assignment_id == assignment.id).order_by(Extension.id)
        self._minutes = {one.person_id: one.minutes for one in session.scalars(extensions)}

    def earned(self, one: HandedIn, people: Sequence[int]) -> Earned:
        """Return all that decides the final score of what ``people`` handed in."""
        if not one.counts:
            return Earned()
        decided = self._overrides.get(one.id, {})
        overridden = {check: points for check, points in decided.items() if points is not None}
        return Earned(
            checks=one.score or 0.0,
            max_checks=one.max_score or 0.0,
            overrides=self._changes(one, overridden),
            whole=overridden.get(("", "")),
            questions=one.questions or {},
            marks=self._points(one),
            days_late=self._days_late(one, people),
            policy=self._policy,
        )

    def _changes(self, one: HandedIn, overridden: Mapping[_Check, float]) -> dict[_Check, float]:
        """Return by how much an override changes each overridden check."""
        given = self._given.get(one.attempt or 0, {})
        return {check: points - given[check] for check, points in overridden.items() if check in given}

    def _points(self, one: HandedIn) -> dict[str, float]:
        """Return what people gave for each written question that is marked."""
        marks = {}
        for question, most in (one.questions or {}).items():
            mark = self._marks.get((one.id, question))
            if mark and (points := worth(mark, self._items, most)) is not None:
                marks[question] = points
        return marks

    def _days_late(self, submission: HandedIn, people: Sequence[int]) -> int | None:
        """Return how many days late a submission is; None if it was late and nobody knows by how much."""
        decided = self._lateness.get(submission.id)
        if decided is not None:
            return decided
        due = self._assignment.due
        if due is not None and submission.handed_in is not None:
            longest = max((self._minutes.get(person, 0) for person in people), default=0)
            return self._policy.days_late(submission.handed_in, due + timedelta(minutes=longest))
        return None if submission.late and self._policy.percent_a_day else 0
