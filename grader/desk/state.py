"""Read from the gradebook how far the marking of one question is: the latest decision of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.gradebook.latest_marks import LatestMark, latest_marks
from grader.gradebook.rubric import Item, in_use, items_of, worth
from grader.gradebook.tables import Apart, Assignment, Comment, Flag, Mark, Submission


@dataclass(frozen=True, slots=True)
class State:
    """The marks and flags of one question by the ids of submissions, the rubric, and answers marked apart."""

    most: float
    marks: dict[int, LatestMark]
    items: dict[int, Item]
    flags: dict[int, Flag]
    apart: frozenset[int]

    def points(self, submission: int) -> float | None:
        """Return what an answer has now; None if it is not marked."""
        mark = self.marks.get(submission)
        return None if mark is None else worth(mark, self.items, self.most)

    def applied(self, submission: int) -> list[Item]:
        """Return the rubric items that an answer has."""
        mark = self.marks.get(submission)
        return in_use(mark.items or (), self.items) if mark else []

    def seen(self, submissions: Iterable[int]) -> int:
        """Return the newest decision about the marks of these submissions, as a number; 0 if there is none."""
        return max((mark.id for one in submissions if (mark := self.marks.get(one))), default=0)

    def flagged(self, submissions: Iterable[int]) -> Flag | None:
        """Return the flag of one of these answers that is raised; None if there is none."""
        raised = (flag for one in submissions if (flag := self.flags.get(one)) and flag.raised)
        return next(raised, None)

    def users(self) -> Counter[int]:
        """Return how many answers have each item."""
        return Counter(one for mark in self.marks.values() for one in mark.items or ())


def read_state(session: Session, assignment: Assignment, question: str, most: float) -> State:
    """Read the state of a question that is worth ``most`` points."""
    of_assignment = (Submission.assignment_id == assignment.id,)
    marks = latest_marks(session, *of_assignment, Mark.question == question)
    flags = select(Flag).join(Submission).where(*of_assignment, Flag.question == question).order_by(Flag.id)
    apart = select(Apart).join(Submission).where(*of_assignment, Apart.question == question).order_by(Apart.id)
    parted = {one.submission_id: one.apart for one in session.scalars(apart)}
    return State(
        most=most,
        marks={one.submission_id: one for one in marks},
        items={key: one for key, one in items_of(session, assignment).items() if one.question == question},
        flags={one.submission_id: one for one in session.scalars(flags)},
        apart=frozenset(one for one, by_itself in parted.items() if by_itself),
    )


class Saying(NamedTuple):
    """Words for the student on a submission."""

    submission_id: int
    why: str


def said_before(session: Session, assignment: Assignment, question: str) -> list[Saying]:
    """Return all comments on a question that nobody has withdrawn, the oldest first."""
    of_question = (Submission.assignment_id == assignment.id, Comment.question == question)
    columns = (Comment.id, Comment.withdraws, Comment.submission_id, Comment.why)
    found = session.execute(select(*columns).join(Submission).where(*of_question).order_by(Comment.id)).all()
    gone = {withdraws for _, withdraws, *_ in found}
    return [Saying(one, why) for key, withdraws, one, why in found if withdraws is None and key not in gone]


def reusable(comments: Sequence[Saying], without: Iterable[str], most: int = 8) -> list[tuple[str, int]]:
    """Return the words of earlier comments that are not ``without``, the most used first, and how often each was."""
    counts = Counter({one.why: 0 for one in reversed(comments)})
    counts.update(one.why for one in comments)
    for words in without:
        counts.pop(words, None)
    return counts.most_common(most)
