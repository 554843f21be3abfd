"""Write decisions made at the desk, and never over one that the person has not seen.

Each page says which decision it has seen last. If somebody decided since, nothing is written and `Newer` is raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from grader.desk.desk import Desk
from grader.desk.line import Entry
from grader.desk.state import State, read_state
from grader.desk.words import mark_in_words, points_in_words
from grader.errors import UsageError
from grader.gradebook import decisions, rubric
from grader.gradebook.said import decided
from grader.gradebook.tables import Assignment, Override, RubricItem


class Newer(Exception):
    """Somebody decided since the page was loaded: what they decided, what you wanted, and the newest decision."""

    def __init__(self, theirs: str, mine: str, seen: int, again: Mapping[str, str]) -> None:
        super().__init__(theirs)
        self.theirs, self.mine, self.seen, self.again = theirs, mine, seen, dict(again)


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gives an answer: rubric items, or points; ``seen`` is the last decision that they saw.

    Points None without items take the mark back.
    """

    seen: int
    items: tuple[int, ...] = ()
    points: float | None = None
    why: str = ""


def lock(session: Session, assignment_id: int) -> None:
    """Wait until nobody else writes about this assignment; until this transaction ends, nobody else will.

    Writing the name anew changes nothing, but takes the lock of the row, or of the whole file on SQLite.
    """
    session.execute(update(Assignment).where(Assignment.id == assignment_id).values(name=Assignment.name))


def save_mark(session: Session, desk: Desk, question: str, entry: Entry, given: Given) -> None:
    """Give all answers of an entry the same items or points.

    Raises:
        Newer: one of them was marked since, or the entry has other answers now.
        UsageError: there are no such points or items.
    """
    lock(session, desk.assignment_id)
    asked = desk.work.questions[question]
    state = read_state(session, desk.assignment(session), question, asked.points)
    ids = [one.id for one in desk.students(entry)]
    items = rubric.chosen(given.items, state.items, question)
    if entry not in desk.line(question, state) or state.seen(ids) != given.seen:
        again = {"items": ",".join(map(str, given.items)), "why": given.why}
        again |= {} if given.items or given.points is None else {"points": f"{given.points:g}"}
        mine = points_in_words(rubric.sum_of(items, asked.points) if items else given.points)
        mine += f" ({', '.join(item.words for item in items)})" if items else ""
        raise Newer(_theirs(state, ids), mine, state.seen(ids), again)
    for student in desk.students(entry):
        attempt, decision = desk.attempt(session, student), desk.decision(given.why)
        if items:
            rubric.apply(session, attempt, question, items, decision)
        else:
            decisions.mark(session, attempt, question, given.points, decision)


def _theirs(state: State, ids: Iterable[int]) -> str:
    newest = max((mark for one in ids if (mark := state.marks.get(one))), key=lambda mark: mark.id, default=None)
    if newest is None:
        return "These answers are no longer one group."
    return mark_in_words(newest, state)


def save_item(session: Session, desk: Desk, item_id: int, seen: int, words: str, points: float, retired: bool) -> None:
    """Change a rubric item for everybody who has it.

    Raises:
        Newer: somebody changed it since.
    """
    lock(session, desk.assignment_id)
    item = rubric.items_of(session, desk.assignment(session)).get(item_id)
    if item is None:
        raise UsageError("there is no such rubric item")
    if item.version != seen:
        theirs = f"“{item.words}” gives {item.points:g} points" + (", and is retired" if item.retired else "")
        again = {"words": words, "points": f"{points:g}", "item": str(item_id), "retired": "1" if retired else ""}
        raise Newer(
            theirs, f"“{words}” gives {points:g} points" + (", retired" if retired else ""), item.version, again
        )
    rubric.price(session, item_id, words, points, desk.decision(), retired=retired)


def save_override(
    session: Session, desk: Desk, code: str, check: tuple[str, str], points: float | None, why: str, seen: int
) -> None:
    """Give a student other points for a check than the grader did.

    Raises:
        Newer: somebody overrode it since.
    """
    lock(session, desk.assignment_id)
    attempt = desk.attempt(session, desk.student(code))
    latest = latest_override(list(decided(session, Override, attempt.submission)), check)
    if (latest.id if latest else 0) != seen and latest:
        theirs = f"{latest.by} decided: {points_in_words(latest.points)} ({latest.why})"
        again = {"part": check[0], "check": check[1], "why": why}
        again |= {"take_back": "1"} if points is None else {"points": f"{points:g}"}
        raise Newer(theirs, points_in_words(points), latest.id, again)
    decisions.override(session, attempt, check, points, desk.decision(why))


def latest_override(overrides: Sequence[Override], check: tuple[str, str]) -> Override | None:
    """Return the latest of a submission's overrides of one check; None if there is none."""
    return next((one for one in reversed(overrides) if (one.part, one.check) == check), None)


def begin_rubrics(session: Session, desk: Desk) -> None:
    """Add the rubric items that the course gives to begin with, for each question that has never had any."""
    lock(session, desk.assignment_id)
    assignment = desk.assignment(session)
    begun = set(session.scalars(select(RubricItem.question).where(RubricItem.assignment_id == assignment.id)))
    for name, question in desk.work.questions.items():
        for line in question.rubric if name not in begun else ():
            rubric.add_item(session, assignment, name, line.words, line.points, desk.decision("from questions.toml"))
