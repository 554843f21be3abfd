"""What the pages about the whole class show: the overview, the list of answers, the list of students, one student."""

from __future__ import annotations

import math
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
from grader.gradebook.scores import scored, scores_of
from grader.gradebook.similar import alike
from grader.gradebook.tables import Look
from grader.written.questions import Question

_BEGINNING = 90  # letters of an answer in a list
_ON_A_PAGE = 100  # students


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
    students = desk.work.students
    answered = desk.work.answered(question.name)
    given = {one.code: points for one in answered if (points := state.points(one.id)) is not None}
    line = desk.line(question.name, state)
    return Progress(
        question=question,
        total=len(answered),
        marked=len(given),
        flagged=sum(state.flagged(students[code].id for code in entry.codes) is not None for entry in line),
        mean=sum(given.values()) / len(given) if given else None,
        go_on=next((entry.first for entry in line if not given.keys() >= set(entry.codes)), None),
    )


def _rows(desk: Desk, question: str, state: State) -> list[Row]:
    return [_row(desk, question, state, entry) for entry in desk.line(question, state)]


def _beginning(text: str) -> str:
    words = " ".join(text[: 4 * _BEGINNING].split())
    return words if len(words) <= _BEGINNING else f"{words[: _BEGINNING - 1].rstrip()}…"


def _row(desk: Desk, question: str, state: State, entry: Entry) -> Row:
    students = desk.students(entry)
    given = [state.points(one.id) for one in students]
    text = students[0].answers[question].text
    mark = state.marks.get(students[0].id)
    return Row(
        entry=entry,
        name=desk.named(students[0]),
        beginning=_beginning(text),
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


def student_list(session: Session, desk: Desk, find: str, page: int) -> dict[str, Any]:
    """Return what a page of the list of students shows: final scores, and what is still to be decided.

    ``find`` is part of a code, or of a name where names are shown; empty for everybody.
    """
    found = [one for one in desk.work.students.values() if find.casefold() in desk.named(one).casefold()]
    found.sort(key=lambda one: desk.named(one).casefold())
    pages = max(1, math.ceil(len(found) / _ON_A_PAGE))
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * _ON_A_PAGE : page * _ON_A_PAGE]
    scored = scores_of(session, desk.assignment(session), [one.id for one in shown])
    final = {one.submission.id: one.final for one in scored}
    looks = looks_of(session, desk)
    rows = [(one, final[one.id], looks.get(one.attempt_id)) for one in shown]
    return {"rows": rows, "find": find, "page": page, "pages": pages, "total": len(found)}


def student_page(session: Session, desk: Desk, student: Student) -> dict[str, Any]:
    """Return what the page of one student shows."""
    submission, by_id = desk.attempt(session, student).submission, desk.work.by_id
    similar = [
        (by_id[one.submission.id], one.share) for one in alike(session, submission) if one.submission.id in by_id
    ]
    return {
        "student": student,
        "similar": similar,
        "final": scored(session, submission).final,
        "results": results_of(desk, session, student),
        "look": looks_of(session, desk).get(student.attempt_id),
        "comments": [one for one in comments_of(session, submission) if not one.question],
        "events": history(session, submission),
    }
