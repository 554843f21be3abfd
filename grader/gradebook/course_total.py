"""Compute everybody's total over the assignments of the gradebook, from final scores and weights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.gradebook.finals import Final, final_scores
from grader.gradebook.policies import policy_of
from grader.gradebook.tables import Assignment, Person, Submission

NOTHING = "nothing handed in"


class Result(NamedTuple):
    """What a person has in one assignment: the ``share`` of its points, from 0 to 1, and the assignment's weight."""

    assignment: str
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class CourseTotal:
    """A total in per cent (None if nothing counts), the assignments left out, and how it came about, in words."""

    per_cent: float | None
    left_out: tuple[str, ...]
    derivation: str


class PersonTotal(NamedTuple):
    """One person's total, and what a person must still decide before it is final; empty if nothing."""

    person: Person
    results: tuple[Result, ...]
    total: CourseTotal
    open: str


def course_total(results: Sequence[Result], dropped: int = 0) -> CourseTotal:
    """Return the weighted mean of shares in per cent: ``70 = (lab1 50 + 2 × lab2 80) / 3; without lab3 20``.

    Leaves out the ``dropped`` assignments whose loss is largest, but never the last one.
    """
    counting = [one for one in results if one.weight]
    worst = sorted(counting, key=lambda one: one.weight * (1 - one.share), reverse=True)
    left_out = worst[: min(dropped, len(worst) - 1)] if worst else []
    kept = [one for one in counting if one not in left_out]
    if not kept:
        return CourseTotal(None, (), "nothing counts yet")
    per_cent = round(100 * sum(one.weight * one.share for one in kept) / sum(one.weight for one in kept), 2)
    without = ", ".join(map(_in_words, left_out))
    derivation = f"{per_cent:g} = {_mean_in_words(kept)}{f'; without {without}' if without else ''}"
    return CourseTotal(per_cent, tuple(one.assignment for one in left_out), derivation)


def course_totals(session: Session) -> list[PersonTotal]:
    """Return the total of everybody in the gradebook, sorted by name.

    Who handed in nothing for an assignment has 0 there. What cannot be scored yet is not counted, and named.
    """
    everybody = session.scalars(select(Person).order_by(Person.name, Person.key)).all()
    results: dict[int, list[Result]] = {person.id: [] for person in everybody}
    still_open: dict[int, list[str]] = {person.id: [] for person in everybody}
    for assignment in session.scalars(select(Assignment).order_by(Assignment.name)).all():
        handed_in = _by_person(final_scores(session, assignment, Submission.assignment_id == assignment.id))
        for person in results:
            mine = handed_in.get(person, [])
            results[person] += _results(assignment, mine)
            still_open[person] += _open(assignment, mine)
    _, dropped = policy_of(session, None)
    return [
        PersonTotal(one, tuple(results[one.id]), course_total(results[one.id], dropped), "; ".join(still_open[one.id]))
        for one in everybody
    ]


class _HandedIn(NamedTuple):
    """What one submission comes to: the share of its points, None if it has none, and what is still to be decided."""

    share: float | None
    open: str


def _by_person(finals: Iterable[Final]) -> dict[int, list[_HandedIn]]:
    found = defaultdict[int, list[_HandedIn]](list)
    for final in finals:
        score = final.score
        share = score.score / score.max_score if score.max_score else None
        one = _HandedIn(share, score.open if final.is_graded else "not graded")
        for person in final.people:
            found[person].append(one)
    return found


def _results(assignment: Assignment, handed_in: Sequence[_HandedIn]) -> Iterator[Result]:
    """Yield what a person has in an assignment: the best of what they handed in, alone or in a group."""
    shares = [one.share for one in handed_in if one.share is not None]
    if shares or not handed_in:
        yield Result(assignment.name, assignment.weight, max(shares, default=0.0))


def _open(assignment: Assignment, handed_in: Sequence[_HandedIn]) -> Iterator[str]:
    if not handed_in:
        yield f"{assignment.name}: {NOTHING}"
    for one in handed_in:
        if one.open:
            yield f"{assignment.name}: {one.open.rstrip('.')}"


def _mean_in_words(kept: Sequence[Result]) -> str:
    if len(kept) == 1:
        return _in_words(kept[0])
    terms = (f"{'' if one.weight == 1 else f'{one.weight:g} × '}{_in_words(one)}" for one in kept)
    return f"({' + '.join(terms)}) / {sum(one.weight for one in kept):g}"


def _in_words(one: Result) -> str:
    return f"{one.assignment} {100 * one.share:.4g}"
