"""The open desk: the work of a class, its gradebook, and who marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.desk.alike import groups
from grader.desk.line import Entry, entries
from grader.desk.state import State
from grader.desk.work import Student, Work
from grader.errors import UsageError
from grader.gradebook.database import Database
from grader.gradebook.decisions import Decision
from grader.gradebook.tables import Assignment, Attempt


@dataclass(frozen=True)
class Desk:
    """What all pages need. ``groups`` are the codes of nearly identical answers, by question.

    ``names`` tells whether pages show who somebody is; ``by`` is whose decisions these are.
    """

    work: Work
    database: Database
    assignment_id: int
    by: str
    names: bool
    groups: Mapping[str, Sequence[tuple[str, ...]]]

    @classmethod
    def opened(
        cls,
        work: Work,
        database: Database,
        assignment_id: int,
        *,
        by: str,
        names: bool,
        step: Callable[[str], None] = lambda _: None,
    ) -> Desk:
        """Open a desk: groups the answers to each question, which takes two seconds for a thousand people.

        ``step`` gets the name of each question that is done.
        """
        grouped = {}
        for question in work.questions:
            grouped[question] = groups({one.code: one.answers[question].text for one in work.answered(question)})
            step(question)
        return cls(work, database, assignment_id, by, names, grouped)

    def assignment(self, session: Session) -> Assignment:
        """Return the assignment."""
        return session.get_one(Assignment, self.assignment_id)

    def attempt(self, session: Session, student: Student) -> Attempt:
        """Return the attempt whose answers the pages show."""
        return session.get_one(Attempt, student.attempt_id)

    def line(self, question: str, state: State) -> list[Entry]:
        """Return the answers to a question in the order in which they are marked."""
        by_id = self.work.by_id
        apart = {by_id[one].code for one in state.apart if one in by_id}
        return entries(self.groups[question], apart)

    def students(self, entry: Entry) -> list[Student]:
        """Return whose answers an entry of the line has."""
        return [self.student(code) for code in entry.codes]

    def named(self, student: Student) -> str:
        """Return what the pages call a student."""
        return student.names if self.names else student.code

    def decision(self, why: str = "") -> Decision:
        """Return who decides, now, and why."""
        return Decision(by=self.by, why=why.strip())

    def student(self, code: str) -> Student:
        """Return the student of a code; raises UsageError."""
        found = self.work.students.get(code)
        if found is None:
            raise UsageError(f"there is no submission {code} here: close the desk and open it again if it is new")
        return found
