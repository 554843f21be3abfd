"""Read and write rubrics: items with words and points, which marks are made of. What an item gives may change later.

A mark stores which items an answer has, and never only their sum: who re-prices an item re-prices everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.gradebook.decisions import Decision
from grader.gradebook.latest_marks import Given, LatestMark
from grader.gradebook.tables import Assignment, Attempt, Mark, Pricing, RubricItem

MOST_POINTS = 1000  # of one item, more or less


class Item(NamedTuple):
    """A rubric item as it counts now; ``version`` is the id of the decision that says so."""

    id: int
    question: str
    position: int
    words: str
    points: float
    retired: bool
    version: int


def items_of(session: Session, assignment: Assignment) -> dict[int, Item]:
    """Return all rubric items of an assignment by their ids, in the order of their positions; retired ones too."""
    of_assignment = RubricItem.assignment_id == assignment.id
    pricings = session.scalars(select(Pricing).join(RubricItem).where(of_assignment).order_by(Pricing.id))
    latest = {one.item_id: one for one in pricings}
    found = session.scalars(select(RubricItem).where(of_assignment).order_by(RubricItem.position, RubricItem.id))
    return {
        one.id: Item(one.id, one.question, one.position, now.words, now.points, now.retired, now.id)
        for one in found
        if (now := latest.get(one.id))
    }


def by_question(items: Mapping[int, Item]) -> dict[str, list[Item]]:
    """Return the items that are in use, by question, in the order of their positions."""
    found = defaultdict[str, list[Item]](list)
    for item in items.values():
        if not item.retired:
            found[item.question].append(item)
    return found


def in_use(ids: Iterable[int], items: Mapping[int, Item]) -> list[Item]:
    """Return the items with these ids that are not retired, in the order of their positions."""
    wanted = set(ids)
    return [item for item in items.values() if item.id in wanted and not item.retired]


def worth(mark: Mark | LatestMark | Given, items: Mapping[int, Item], most: float) -> float | None:
    """Return the points that a mark gives now; None if it gives none, so that the answer is unmarked.

    A mark made of items gives their sum, at least 0 and at most ``most``, the points of the question.
    """
    if mark.items is None:
        return mark.points
    return sum_of(in_use(mark.items, items), most)


def sum_of(items: Sequence[Item], most: float) -> float | None:
    """Return what these items give together: at least 0 and at most ``most``; None if there are none."""
    return min(max(round(sum(item.points for item in items), 6), 0.0), most) if items else None


def signed(points: float) -> str:
    """Return ``+2``, ``-0.5`` or ``0``: what an item adds."""
    return f"{points:+g}" if points else "0"


def chosen(ids: Iterable[int], items: Mapping[int, Item], question: str) -> list[Item]:
    """Return the items with these ids.

    Raises:
        UsageError: one of them belongs to another question or is retired.
    """
    wanted = set(ids)
    found = [item for item in in_use(wanted, items) if item.question == question]
    if len(found) < len(wanted):
        raise UsageError("this rubric item is no longer in use: load the page again")
    return found


def apply(session: Session, attempt: Attempt, question: str, items: Sequence[Item], decision: Decision) -> None:
    """Give an answer exactly these rubric items, in place of any earlier mark; none takes the mark back.

    Raises:
        UsageError: there is no such question.
    """
    if question not in attempt.questions:
        raise UsageError(f"there is no written question {question!r}")
    given = Mark(
        submission_id=attempt.submission_id,
        question=question,
        items=[item.id for item in items] or None,
        **decision.columns(),
    )
    given.points = worth(given, {item.id: item for item in items}, attempt.questions[question])
    session.add(given)


def add_item(session: Session, assignment: Assignment, question: str, words: str, points: float, by: Decision) -> int:
    """Add a rubric item to a question, at the first position that is free; return its id.

    Raises:
        UsageError: it has no words, or its points are no sensible number.
    """
    taken = {one.position for one in by_question(items_of(session, assignment)).get(question, ())}
    free = next(position for position in count(1) if position not in taken)
    item = RubricItem(assignment_id=assignment.id, question=question, position=free)
    session.add(item)
    session.flush()
    price(session, item.id, words, points, by)
    return item.id


def price(
    session: Session, item_id: int, words: str, points: float, decision: Decision, *, retired: bool = False
) -> None:
    """Change what an item says and gives, to everybody who has it; or retire it, so that it gives nothing.

    Raises:
        UsageError: it has no words, or its points are no sensible number.
    """
    if not words.strip():
        raise UsageError("say in words what the rubric item is for")
    if not -MOST_POINTS <= points <= MOST_POINTS:  # also refuses NaN
        raise UsageError(f"{points:g} is not between -{MOST_POINTS} and {MOST_POINTS} points")
    session.add(Pricing(item_id=item_id, words=words.strip(), points=points, retired=retired, **decision.columns()))
