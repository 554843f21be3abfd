"""What the pages about the whole class show: the overview, the list of answers, the list of students, one student."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.desk.desk import Desk
from grader.desk.line import Entry
from grader.desk.results import results_of
from grader.desk.state import State, read_state
from grader.desk.work import Student
from grader.errors import UsageError
from grader.gradebook.history import history
from grader.gradebook.said import comments_of
from grader.gradebook.scores import scored, scores
from grader.gradebook.tables import Look
from grader.written.questions import Question

_BEGINNING = 90  # letters of an answer in a list


class Progress(NamedTuple):
    """How far a question is: answers in all, marked, flagged, their mean points, and where to go on."""

    question: Question
    total: int
    marked: int
    flagged: int
    mean: float | None
    go_on: str | None


class Row(NamedTuple):
    """An entry in the list of answers to a question."""

    entry: Entry
    name: str
    beginning: str
    points: float | None
    mixed: bool
    by: str
    flagged: bool


def overview(session: Session, desk: Desk) -> dict[str, Any]:
    """Return what the first page shows: how far each question is, and who needs a look."""
    looks = looks_of(session, desk)
    needing = [one for one in desk.work.students.values() if one.reasons]
    return {
        "questions": [_progress(session, desk, question) for question in desk.work.questions.values()],
        "needing": [(one, looks.get(one.attempt_id)) for one in needing],
        "to_look_at": sum(not (look := looks.get(one.attempt_id)) or not look.looked for one in needing),
    }


def looks_of(session: Session, desk: Desk) -> dict[int, Look]:
    """Return the latest decision about each attempt that needs a look, by the attempt's id."""
    shown = [one.attempt_id for one in desk.work.students.values() if one.reasons]
    found = session.scalars(select(Look).where(Look.attempt_id.in_(shown)).order_by(Look.id))
    return {one.attempt_id: one for one in found}


def _state(session: Session, desk: Desk, question: str) -> State:
    if question not in desk.work.questions:
        raise UsageError(f"there is no written question {question!r}")
    return read_state(session, desk.assignment(session), question, desk.work.questions[question].points)


def _progress(session: Session, desk: Desk, question: Question) -> Progress:
    state = _state(session, desk, question.name)
    rows = _rows(desk, question.name, state)
    answered = desk.work.answered(question.name)
    given = [points for one in answered if (points := state.points(one.id)) is not None]
    return Progress(
        question=question,
        total=len(answered),
        marked=len(given),
        flagged=sum(row.flagged for row in rows),
        mean=sum(given) / len(given) if given else None,
        go_on=next((row.entry.first for row in rows if row.points is None), None),
    )


def _rows(desk: Desk, question: str, state: State) -> list[Row]:
    return [_row(desk, question, state, entry) for entry in desk.line(question, state)]


def _row(desk: Desk, question: str, state: State, entry: Entry) -> Row:
    students = desk.students(entry)
    given = [state.points(one.id) for one in students]
    text = students[0].answers[question].text
    mark = state.marks.get(students[0].id)
    return Row(
        entry=entry,
        name=desk.named(students[0]),
        beginning=" ".join(text[: 4 * _BEGINNING].split())[:_BEGINNING],
        points=None if None in given else given[0],
        mixed=len(set(given)) > 1,
        by=mark.by if mark and given[0] is not None else "",
        flagged=state.flagged(one.id for one in students) is not None,
    )


def answer_list(session: Session, desk: Desk, question: str, only: str) -> dict[str, Any]:
    """Return what the list of all answers to a question shows; ``only`` is "", "unmarked" or "flagged"."""
    rows = _rows(desk, question, _state(session, desk, question))
    wanted = {"unmarked": lambda row: row.points is None, "flagged": lambda row: row.flagged}
    return {
        "asked": desk.work.questions[question],
        "rows": list(filter(wanted[only], rows)) if only in wanted else rows,
        "only": only,
        "unmarked": sum(row.points is None for row in rows),
        "flagged": sum(row.flagged for row in rows),
        "total": len(rows),
    }


def student_list(session: Session, desk: Desk) -> dict[str, Any]:
    """Return what the list of all students shows: final scores, and what is still to be decided."""
    final = {one.submission.id: one.final for one in scores(session, desk.assignment(session))}
    looks = looks_of(session, desk)
    rows = [(one, final[one.id], looks.get(one.attempt_id)) for one in desk.work.students.values()]
    if desk.names:
        rows.sort(key=lambda row: row[0].names.casefold())
    return {"rows": rows}


def student_page(session: Session, desk: Desk, student: Student) -> dict[str, Any]:
    """Return what the page of one student shows."""
    submission = desk.attempt(session, student).submission
    return {
        "student": student,
        "final": scored(session, submission).final,
        "results": results_of(desk, session, student),
        "look": looks_of(session, desk).get(student.attempt_id),
        "comments": [one for one in comments_of(session, submission) if not one.question],
        "events": history(session, submission),
    }
