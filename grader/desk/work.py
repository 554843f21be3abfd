"""Read from the records what there is to mark: the questions, everybody's answers, and who needs a look.

It is read once, when the desk opens, so that no page waits for a thousand files.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from grader.gradebook.scores import Scored
from grader.records.record import ResultRecord, UnplacedRecord, from_json
from grader.reports.attention import reasons_of
from grader.written.questions import Question

_SHORTEST = 4  # letters of a code


@dataclass(frozen=True, slots=True)
class Answer:
    """One student's answer to one question, as typed; ``text`` is empty if there is none."""

    text: str
    source: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class Student:
    """One submission: ``id`` in the gradebook, a ``code`` that says nothing about who it is, and people's names.

    ``attempt_id``, ``place`` and ``started`` are those of the attempt that counts. ``reasons`` say why a person must
    look at it.
    """

    id: int
    code: str
    names: str
    attempt_id: int
    number: int
    place: str
    graded: bool
    started: datetime | None = None
    reasons: tuple[str, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    unplaced: tuple[UnplacedRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """All that there is to mark: questions by name, students by code in an order that says nothing about them."""

    folder: Path
    title: str
    questions: Mapping[str, Question]
    students: Mapping[str, Student]
    unreadable: tuple[str, ...] = ()

    @property
    def by_id(self) -> dict[int, Student]:
        """The students by the ids of their submissions."""
        return {one.id: one for one in self.students.values()}

    def record_of(self, student: Student) -> ResultRecord:
        """Read the record of the attempt that counts."""
        return from_json((self.folder / student.place).read_bytes())

    def answered(self, question: str) -> list[Student]:
        """Return who was asked a question, whether they answered or not."""
        return [one for one in self.students.values() if one.graded and question in one.answers]


def read_work(folder: Path, title: str, scored: Iterable[Scored], sheet: Iterable[Question]) -> Work:
    """Read the records of all attempts that count; ``sheet`` has the questions as the course has them now.

    A question that is in a record only is marked, too, without model answer.
    """
    handed_in = [(one, one.attempt) for one in scored if one.attempt is not None]
    codes = codes_of([one.submission.name for one, _ in handed_in])
    asked = {question.name: question for question in sheet}
    there, students, unreadable = set[str](), list[Student](), list[str]()
    for one, attempt in handed_in:
        try:
            record = from_json((folder / attempt.place).read_bytes())
        except (msgspec.MsgspecError, OSError) as error:
            unreadable.append(f"{attempt.place}: {error}")
            continue
        for item in record.written:
            there.add(item.name)
            only_here = Question(name=item.name, title=item.title, text=item.question, points=item.points)
            asked.setdefault(item.name, only_here)
        students.append(_student(one, record, codes[one.submission.name]))
    return Work(
        folder=folder,
        title=title,
        questions={name: question for name, question in asked.items() if name in there},
        students={one.code: one for one in sorted(students, key=lambda one: one.code)},
        unreadable=tuple(unreadable),
    )


def codes_of(names: Iterable[str]) -> dict[str, str]:
    """Return a short code for each name: the first letters of its hash, as many as tell all names apart."""
    whole = {
        name: base64.b32encode(hashlib.sha256(name.encode(errors="surrogatepass")).digest()).decode() for name in names
    }
    length = _SHORTEST
    while len({code[:length] for code in whole.values()}) < len(whole):
        length += 1
    return {name: code[:length] for name, code in whole.items()}


def _student(one: Scored, record: ResultRecord, code: str) -> Student:
    attempt = one.attempt
    assert attempt is not None
    return Student(
        id=one.submission.id,
        code=code,
        names=", ".join(member.person.name for member in one.submission.members) or one.submission.name,
        attempt_id=attempt.id,
        number=attempt.number,
        place=attempt.place,
        graded=attempt.counts,
        started=_time(attempt.started),
        reasons=reasons_of(record),
        answers={item.name: Answer(item.answer, item.source, item.truncated) for item in record.written},
        unplaced=record.unplaced,
    )


def _time(started: str) -> datetime | None:
    """Return when a grading began; None if its record does not say when, or not in which time zone."""
    try:
        time = datetime.fromisoformat(started)
    except ValueError:
        return None
    return time if time.tzinfo else None
