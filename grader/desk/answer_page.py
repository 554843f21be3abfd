"""What the page of one answer shows, or of several that are nearly identical and marked together."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from grader.desk.desk import Desk
from grader.desk.line import Entry, next_where, place_of
from grader.desk.results import results_of
from grader.desk.state import State, read_state, reusable, said_before
from grader.desk.words import when
from grader.desk.work import Student
from grader.errors import UsageError
from grader.gradebook.rubric import Item

_KEYS = 9
_MOST_COMPARED = 4_000  # words of two answers, together; comparing more would take too long


class Choice(NamedTuple):
    """A rubric item on the page: its key (0 for none), whether the answer has it, how many answers do."""

    item: Item
    key: int
    applied: bool
    users: int


class Piece(NamedTuple):
    """A few words of an answer; ``own`` if the answer that it is compared with has others there."""

    words: str
    own: bool


def answer_page(session: Session, desk: Desk, question: str, code: str) -> dict[str, Any]:
    """Return what the page of an answer shows.

    Raises:
        UsageError: there is no such question or answer.
    """
    if question not in desk.work.questions:
        raise UsageError(f"there is no written question {question!r}")
    asked, assignment = desk.work.questions[question], desk.assignment(session)
    state = read_state(session, assignment, question, asked.points)
    line = desk.line(question, state)
    place = place_of(line, desk.student(code).code)
    if place is None:
        raise UsageError(f"{code} was not asked this question")
    entry, by_code = line[place], desk.work.students
    student, ids = by_code[code], [by_code[one].id for one in entry.codes]
    comments = said_before(session, assignment, question)
    mine = list(dict.fromkeys(one.why for one in comments if one.submission_id in ids))
    following = next_where(line, place, lambda one: any(state.points(by_code[c].id) is None for c in one.codes))
    return {
        "asked": asked,
        "student": student,
        "answer": student.answers[question],
        "entry": entry,
        "place": place,
        "total": len(line),
        "marked": sum(state.points(one.id) is not None for one in desk.work.answered(question)),
        "asked_of": len(desk.work.answered(question)),
        "previous": line[place - 1].first if place else None,
        "next": line[place + 1].first if place + 1 < len(line) else None,
        "unmarked": following.first if following and following != entry else None,
        "others": _others(desk, question, entry, code),
        "may_join": [one for one in _group(desk, question, code) if one not in entry.codes],
        "comments": mine,
        "reusable": reusable(comments, mine),
        "results": results_of(desk, session, student),
        **_marking(desk, state, ids),
    }


def _marking(desk: Desk, state: State, ids: list[int]) -> dict[str, Any]:
    """Return what was decided about the answers of an entry."""
    first = state.marks.get(ids[0])
    given = [(state.points(one), [item.id for item in state.applied(one)]) for one in ids]
    flag = state.flagged(ids)
    by_id = desk.work.by_id
    return {
        "points": given[0][0],
        "applied": ",".join(map(str, given[0][1])),
        "mark": f"by {first.by}, {when(first.at)}" if first and given[0][0] is not None else "",
        "reason": first.why if first and first.items is None else "",
        "typed": bool(first and first.items is None and first.points is not None),
        "mixed": any(one != given[0] for one in given),
        "seen": state.seen(ids),
        "choices": choices(state, given[0][1]),
        "retired": [one for one in state.items.values() if one.retired],
        "flag": flag,
        "flag_seen": max((state.flags[one].id for one in ids if one in state.flags), default=0),
        "graded_again": [one for one in ids if one in by_id and _older(state, by_id[one])],
    }


def _older(state: State, student: Student) -> bool:
    """Return whether an answer was marked before the attempt that is shown was graded."""
    mark = state.marks.get(student.id)
    return bool(mark and student.started and mark.at < student.started)


def choices(state: State, applied: list[int]) -> list[Choice]:
    """Return the rubric items in use, each with its number key: its position, if no other item has it."""
    users, taken, found = state.users(), set[int](), list[Choice]()
    for item in state.items.values():
        if not item.retired:
            key = item.position if item.position <= _KEYS and item.position not in taken else 0
            taken.add(key)
            found.append(Choice(item, key, item.id in applied, users[item.id]))
    return found


def _group(desk: Desk, question: str, code: str) -> tuple[str, ...]:
    return next((one for one in desk.groups[question] if code in one), (code,))


def _others(desk: Desk, question: str, entry: Entry, code: str) -> list[tuple[str, list[Piece]]]:
    """Return the other answers of an entry, with the words in which they differ from the one that is shown."""
    students = desk.work.students
    shown = students[code].answers[question].text
    return [(one, pieces(shown, students[one].answers[question].text)) for one in entry.codes if one != code]


def pieces(shown: str, other: str) -> list[Piece]:
    """Return the words of ``other``, marked where ``shown`` has others; not marked if both are long."""
    before, after = shown.split(), other.split()
    if len(before) + len(after) > _MOST_COMPARED:
        return [Piece(other, own=False)]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    found = list[Piece]()
    for what, start, end, to, till in matcher.get_opcodes():
        words = " ".join(after[to:till])
        if what == "delete":
            words = f"(without: {' '.join(before[start:end])})"
        found.append(Piece(words, own=what != "equal"))
    return found
