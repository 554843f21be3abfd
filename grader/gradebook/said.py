"""Read what people decided about one submission and what they said to the student."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.gradebook.tables import Comment, Lateness, Mark, Override, Submission

D = TypeVar("D", Mark, Comment, Override, Lateness)


@dataclass(frozen=True, slots=True)
class Said:
    """The marks that count, by question; comments in their order, by question ("" is the whole); overrides in words."""

    marks: dict[str, float]
    comments: dict[str, tuple[str, ...]]
    overridden: tuple[str, ...]


def said_of(session: Session, submission: Submission) -> Said:
    """Return what people said of a submission. The reason of a mark is a comment on its question."""
    comments = defaultdict[str, list[str]](list)
    marks = {one.question: one for one in decided(session, Mark, submission)}
    for question, one in marks.items():
        if one.why and one.points is not None:
            comments[question].append(one.why)
    for comment in decided(session, Comment, submission):
        comments[comment.question].append(comment.why)
    overrides = {(one.part, one.check): one for one in decided(session, Override, submission)}
    return Said(
        marks={question: one.points for question, one in marks.items() if one.points is not None},
        comments={question: tuple(words) for question, words in comments.items()},
        overridden=tuple(_words(one) for one in overrides.values() if one.points is not None),
    )


def decided(session: Session, table: type[D], submission: Submission) -> Iterator[D]:
    """Yield the decisions of a kind about a submission, in the order in which they were made."""
    yield from session.scalars(select(table).where(table.submission_id == submission.id).order_by(table.id))


def _words(one: Override) -> str:
    what = f"the check `{one.check}` of `{one.part}`" if one.check else "all checks together"
    return f"A person gave {one.points:g} points for {what}: {one.why}"
