"""Compare the people who mark: how many answers to each question each of them marked, and how the points spread.

Answers are dealt out by nothing that has to do with them, so markers of many answers should come to much the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import fmean

from sqlalchemy.orm import Session

from grader.analysis.results import MarkerItem
from grader.gradebook.finals import handed_in
from grader.gradebook.latest_marks import latest_marks
from grader.gradebook.rubric import items_of, worth
from grader.gradebook.tables import Assignment, Submission

BINS = 5


def markers(session: Session, assignment: Assignment) -> list[MarkerItem]:
    """Return who marked which question, sorted by question and name; a mark that was taken back is none."""
    items = items_of(session, assignment)
    whole_class = Submission.assignment_id == assignment.id
    asked = {
        (one.id, question): most
        for one in handed_in(session, assignment, whole_class)
        for question, most in (one.questions or {}).items()
    }
    given = defaultdict[tuple[str, float, str], list[float]](list)
    for mark in latest_marks(session, whole_class):
        most = asked.get((mark.submission_id, mark.question))
        if most is not None and (points := worth(mark, items, most)) is not None:
            given[mark.question, most, mark.by].append(points)
    return [
        MarkerItem(
            question=question,
            points=most,
            by=by,
            marked=len(points),
            mean=fmean(points),
            fifths=_fifths(points, most),
        )
        for (question, most, by), points in sorted(given.items())
    ]


def _fifths(points: list[float], most: float) -> tuple[int, ...]:
    counts = Counter(min(int(BINS * one / most), BINS - 1) for one in points)
    return tuple(counts[at] for at in range(BINS))
