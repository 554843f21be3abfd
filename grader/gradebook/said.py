"""Read what people decided about one submission and what they said to the student."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.gradebook.rubric import in_use, items_of, signed, worth
from grader.gradebook.tables import Comment, Flag, Lateness, Mark, Override, Submission

D = TypeVar("D", Mark, Comment, Override, Lateness, Flag)


@dataclass(frozen=True, slots=True)
class Said:
    """The marks that count, by question; comments in their order, by question ("" is the whole); overrides in words."""

    marks: dict[str, float]
    comments: dict[str, tuple[str, ...]]
    overridden: tuple[str, ...]


def said_of(session: Session, submission: Submission, questions: Mapping[str, float]) -> Said:
    """Return what people said of a submission; ``questions`` has the points of each question of its attempt.

    The reason of a mark, and the rubric items that it is made of, are comments on its question.
    """
    comments = defaultdict[str, list[str]](list)
    items = items_of(session, submission.assignment)
    marks = {one.question: one for one in decided(session, Mark, submission) if one.question in questions}
    points = {question: worth(one, items, questions[question]) for question, one in marks.items()}
    for question, one in marks.items():
        comments[question] += [f"{item.words} ({signed(item.points)})" for item in in_use(one.items or (), items)]
        if one.why and points[question] is not None:
            comments[question].append(one.why)
    for comment in comments_of(session, submission):
        comments[comment.question].append(comment.why)
    overrides = {(one.part, one.check): one for one in decided(session, Override, submission)}
    return Said(
        marks={question: given for question, given in points.items() if given is not None},
        comments={question: tuple(words) for question, words in comments.items() if words},
        overridden=tuple(_words(one) for one in overrides.values() if one.points is not None),
    )


def comments_of(session: Session, submission: Submission) -> list[Comment]:
    """Return the comments on a submission that nobody has withdrawn, in their order."""
    comments = list(decided(session, Comment, submission))
    gone = {one.withdraws for one in comments}
    return [one for one in comments if one.withdraws is None and one.id not in gone]


def decided(session: Session, table: type[D], submission: Submission) -> Iterator[D]:
    """Yield the decisions of a kind about a submission, in the order in which they were made."""
    yield from session.scalars(select(table).where(table.submission_id == submission.id).order_by(table.id))


def _words(one: Override) -> str:
    what = f"the check `{one.check}` of `{one.part}`" if one.check else "all checks together"
    return f"A person gave {one.points:g} points for {what}: {one.why}"
