"""Read and write rubrics: items with words and points, which marks are made of. What an item gives may change later.

A mark stores which items an answer has, and never only their sum: who re-prices an item re-prices everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.gradebook.decisions import Decision
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


def worth(mark: Mark, items: Mapping[int, Item], most: float) -> float | None:
    """Return the points that a mark gives now; None if it gives none, so that the answer is unmarked.

    A mark made of items gives their sum, at least 0 and at most ``most``, the points of the question.
    """
    if mark.items is None:
        return mark.points
    applied = in_use(mark.items, items)
    return min(max(round(sum(item.points for item in applied), 6), 0.0), most) if applied else None


def apply(session: Session, attempt: Attempt, question: str, ids: Iterable[int], decision: Decision) -> None:
    """Give an answer exactly these rubric items, in place of any earlier mark; none takes the mark back.

    Raises:
        UsageError: there is no such question, or an item belongs to another one or is retired.
    """
    if question not in attempt.questions:
        raise UsageError(f"there is no written question {question!r}")
    items = items_of(session, attempt.submission.assignment)
    wanted = sorted(set(ids))
    for one in wanted:
        if one not in items or items[one].question != question or items[one].retired:
            raise UsageError("this rubric item is no longer in use: load the page again")
    given = Mark(submission_id=attempt.submission_id, question=question, items=wanted or None, **decision.columns())
    given.points = worth(given, items, attempt.questions[question])
    session.add(given)


def add_item(session: Session, assignment: Assignment, question: str, words: str, points: float, by: Decision) -> int:
    """Add a rubric item at the end of a question's rubric; return its id.

    Raises:
        UsageError: it has no words, or its points are no sensible number.
    """
    of_question = (RubricItem.assignment_id == assignment.id, RubricItem.question == question)
    last = session.scalar(select(func.max(RubricItem.position)).where(*of_question)) or 0
    item = RubricItem(assignment_id=assignment.id, question=question, position=last + 1)
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
