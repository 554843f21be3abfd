"""Take the records of a graded class into the gradebook: only what is new, so that it can be done again at any time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from grader.errors import UsageError
from grader.gradebook.people import People
from grader.gradebook.similar import take_in_pairs
from grader.gradebook.tables import Assignment, Attempt, Member, Submission
from grader.records.class_file import ClassFile, ClassPerson, read_class_file
from grader.records.record import ResultRecord, from_json
from grader.records.store import Store


@dataclass(slots=True)
class TakenIn:
    """What was taken in: the assignment, how many attempts were new, and what could not be read, in words."""

    assignment: Assignment
    attempts: int = 0
    unreadable: list[str] = field(default_factory=list)


def refuse_empty(folder: Path) -> None:
    """Raise UsageError if there are no records below ``folder``."""
    if next(Store(folder).latest(), None) is None:
        raise UsageError(
            f"there are no records below {folder}: run `grader grade ASSIGNMENT PATH --out {folder}` first"
        )


def take_in(session: Session, folder: Path) -> TakenIn:
    """Add the attempts below ``folder`` that the gradebook does not have yet, and the people of ``class.json``.

    Nearly identical submissions are those of ``analysis.json``.

    Raises:
        UsageError: there are no records below ``folder``, or the gradebook has another attempt of the same number.
    """
    refuse_empty(folder)
    store = Store(folder)
    first = next(store.latest())
    taken = TakenIn(_assignment(session, first))
    submissions = {one.name: one for one in _submissions(session, taken.assignment)}
    places, numbers = _known(session, taken.assignment)
    for place, path in store.places():
        if place in places:
            continue
        try:
            content = path.read_bytes()
            record = from_json(content)
        except (msgspec.MsgspecError, OSError) as error:
            taken.unreadable.append(f"{path}: {error}")
            continue
        submission = submissions.get(record.submission.name)
        if submission is None:
            submission = Submission(assignment_id=taken.assignment.id, name=record.submission.name, members=[])
            submissions[submission.name] = submission
        _refuse_second(numbers, submission.name, record.attempt)
        session.add(_attempt(submission, record, place, content))
        taken.attempts += 1
    session.flush()
    _people(session, submissions, read_class_file(folder))
    take_in_pairs(session, folder, submissions)
    return taken


def _assignment(session: Session, record: ResultRecord) -> Assignment:
    found = session.scalars(select(Assignment).where(Assignment.name == record.assignment)).one_or_none()
    if found is None:
        found = Assignment(name=record.assignment)
        session.add(found)
    found.title = record.assignment_title
    session.flush()
    return found


def _submissions(session: Session, assignment: Assignment) -> list[Submission]:
    """Return the submissions with their people, in a few queries for a whole class."""
    query = select(Submission).where(Submission.assignment_id == assignment.id)
    return list(session.scalars(query.options(selectinload(Submission.members).joinedload(Member.person))))


def _known(session: Session, assignment: Assignment) -> tuple[set[str], set[tuple[str, int]]]:
    """Return the places of the attempts that the gradebook has, and their submissions' names with their numbers."""
    query = select(Attempt.place, Submission.name, Attempt.number).join(Submission)
    found = session.execute(query.where(Submission.assignment_id == assignment.id)).all()
    return {place for place, *_ in found}, {(name, number) for _, name, number in found}


def _attempt(submission: Submission, record: ResultRecord, place: str, content: bytes) -> Attempt:
    return Attempt(
        submission=submission,
        number=record.attempt,
        place=place,
        record_sha256=hashlib.sha256(content).hexdigest(),
        started=record.started,
        standing=record.standing.value,
        counts=not (record.refused or record.is_practice),
        score=record.score,
        max_score=record.max_score,
        checks=[(part.name, check.name, check.score, check.points) for part in record.parts for check in part.checks],
        questions={question.name: question.points for question in record.written},
    )


def _refuse_second(numbers: set[tuple[str, int]], name: str, number: int) -> None:
    if (name, number) in numbers:
        raise UsageError(
            f"the gradebook already has an attempt {number} of {name}, from other records: keep a "
            "gradebook for each folder of records, or grade into the same folder"
        )
    numbers.add((name, number))


def _people(session: Session, submissions: dict[str, Submission], known: ClassFile | None) -> None:
    """Say whose each submission is: who ``class.json`` names, else somebody called like the submission."""
    named: dict[str, list[ClassPerson]] = {}
    for one in known.people if known else ():
        named.setdefault(one.submission, []).append(one)
    everybody = People(session)
    for absent in named.pop("", []):
        everybody.person_of(absent.id or absent.name, absent.name, absent.email)
    for name, submission in submissions.items():
        people = named.get(name) or [ClassPerson(name=name, submission=name)]
        members = {member.person.key for member in submission.members}
        for one in people:
            person = everybody.person_of(one.id or one.name, one.name, one.email)
            if person.key not in members:
                submission.members.append(Member(person=person))
                members.add(person.key)
            handed_in = _time(one.when)
            if (submission.late, submission.handed_in) != (one.late, handed_in):  # else nothing is to be written
                submission.late, submission.handed_in = one.late, handed_in


def _time(when: str) -> datetime | None:
    """Return a time that an LMS wrote with its zone; None for any other."""
    for written in _ways(when):
        try:
            time = datetime.fromisoformat(written)
        except ValueError:
            continue
        return time.astimezone(UTC) if time.tzinfo else None
    return None


def _ways(when: str) -> Iterator[str]:
    """Yield how ISO 8601 would write it: nbgrader says ``UTC``, Gradescope puts a space before the offset."""
    yield when
    date, _, rest = when.partition(" ")
    clock, _, zone = rest.partition(" ")
    yield f"{date}T{clock[:15]}{'+00:00' if zone == 'UTC' else zone}"
