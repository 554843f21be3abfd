"""Find a student's written answers: in answers.md, in a notebook, and wherever else they may stand.

An answer is the text below the heading of its question, exactly as the student typed it; the template's own text (the
question, the placeholder) is not part of it. If an answer is missing, everything that may be it is kept for the person
who marks: text below no question's heading, comments, the names of documents. No submission makes this module raise an
exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.intake.archive import shown
from grader.records.record import UnplacedRecord, WrittenRecord
from grader.written.answer_files import LONGEST_TEXT, Reading, sources
from grader.written.elsewhere import Stray, strays
from grader.written.questions import Question, QuestionSheet
from grader.written.sections import Found, Given, read

__all__ = ["LONGEST_ANSWER", "LONGEST_TEXT", "Collected", "collect"]

LONGEST_ANSWER = 20_000  # characters; ten times a long answer, and what a report shows of one field
_LONGEST_UNPLACED = 5_000  # characters of one file


@dataclass(frozen=True, slots=True)
class Collected:
    """Every question with the answer found (empty if none), and what may be one.

    ``notices`` are sentences for the student; ``reasons`` tell the person who marks which files to
    open, since the report does not show what is in them.
    """

    written: tuple[WrittenRecord, ...] = ()
    unplaced: tuple[UnplacedRecord, ...] = ()
    notices: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def collect(files: Mapping[str, bytes], sheet: QuestionSheet) -> Collected:
    """Find the answer to every question in a submission's files (content by path); the first one found wins."""
    if not sheet.questions:
        return Collected()
    reading, given = Reading(), Given.of(sheet)
    answers: dict[str, Found] = {}  # by the question's name
    loose: dict[str, str] = {}  # text below no question's heading, by path
    for source in sources(files, [question.name for question in sheet.questions], reading):
        found, others = read(source, given)
        answers = found | answers
        if others:
            loose[source.path] = others
        if len(answers) == len(sheet.questions):
            break
    missing = tuple(question for question in sheet.questions if question.name not in answers)
    left = strays(files, missing, sheet.questions, loose, reading.unreadable)
    told = [_sentences(question, answers[question.name]) for question in sheet.questions if question.name in answers]
    return Collected(
        written=tuple(_record(question, answers.get(question.name, Found())) for question in sheet.questions),
        unplaced=tuple(map(_unplaced, left)),
        notices=(*reading.notices, *(n for notices, _ in told for n in notices), *(s.notice for s in left if s.notice)),
        reasons=(*(reason for _, reasons in told for reason in reasons), *(s.reason for s in left if s.reason)),
    )


def _record(question: Question, answer: Found) -> WrittenRecord:
    return WrittenRecord(
        name=question.name,
        title=question.title,
        question=question.text.strip(),
        points=question.points,
        answer=answer.text[:LONGEST_ANSWER],
        truncated=len(answer.text) > LONGEST_ANSWER,
        source=answer.source,
    )


def _unplaced(stray: Stray) -> UnplacedRecord:
    text = stray.text[:_LONGEST_UNPLACED]
    return UnplacedRecord(source=stray.path, text=text, truncated=text != stray.text)


def _sentences(question: Question, answer: Found) -> tuple[list[str], list[str]]:
    """Return what is to be said about an answer: to the student, and to the person who marks."""
    notices, reasons = [], []
    if len(answer.text) > LONGEST_ANSWER:
        only = f"has more than {LONGEST_ANSWER:,} characters. Only the first ones are kept."
        notices.append(f"Your answer to “{question.title}” {only}")
    if answer.from_code:
        notices.append(
            f"Your answer to “{question.title}” was taken from code cells, because there is no text below its heading. "
            "Write answers in Markdown cells."
        )
    if answer.pictures:
        names = ", ".join(shown(name, 40) for name in answer.pictures)
        where = f"The person who marks is told to open {shown(answer.source)}."
        notices.append(f"Your answer to “{question.title}” has pictures that this page does not show: {names}. {where}")
        reasons.append(
            f"Written answers: open {shown(answer.source)}; “{question.title}” has pictures there ({names})."
        )
    return notices, reasons
