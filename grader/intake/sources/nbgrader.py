"""The ``submitted`` folder of nbgrader: ``submitted/<student>/<assignment>/…`` with ``timestamp.txt``."""

from __future__ import annotations

import re

from grader.errors import UsageError
from grader.intake.archive import shown
from grader.intake.bulk import head
from grader.intake.sources.people import leftovers
from grader.intake.sources.source import Found, FoundSubmission, Person, Wanted, submission_of
from grader.intake.sources.tree import Node

_BESIDE = ("source", "release", "autograded", "feedback", "gradebook.db", "nbgrader_config.py")


class Nbgrader:
    """nbgrader's ``submitted``, or the course's folder around it."""

    layout = "nbgrader"
    title = "nbgrader's submitted folder"
    example = "submitted/jdoe/lab1/work.ipynb"

    def find(self, top: Node, wanted: Wanted) -> Found | None:
        """Return what each student submitted for the assignment; who submitted only others is absent.

        Raises:
            UsageError: there are several assignments, and none has the name of this one.
        """
        submitted = _submitted(top)
        if submitted is None:
            return None
        students = [node for node in submitted.children if node.is_folder]
        assignment = _assignment(students, wanted)
        found: list[FoundSubmission] = []
        absent: list[Person] = []
        for student in students:
            person = Person(student.name, student.name)
            if work := student.child(assignment):
                found.append(submission_of([person], [(work, "")], when=_time(work)))
            else:
                absent.append(person)
        result = leftovers(found, [node for node in submitted.children if node not in students], wanted)
        result.absent = absent
        result.aside += [node.name for node in submitted.special if submitted is not top]
        return result


def _submitted(top: Node) -> Node | None:
    inner = top.child("submitted")
    if inner and inner.is_folder and (len(top.children) == 1 or any(map(top.child, _BESIDE))):
        return inner
    folders = [node for node in top.children if node.is_folder]
    stamped = any(below.child("timestamp.txt") for student in folders for below in student.children if below.is_folder)
    return top if stamped or (top.name == "submitted" and folders) else None


def _assignment(students: list[Node], wanted: Wanted) -> str:
    names = sorted({node.name for student in students for node in student.children if node.is_folder})
    fitting = [name for name in names if _plain(name) == _plain(wanted.assignment)]
    if fitting or len(names) == 1:
        return (fitting or names)[0]
    raise UsageError(
        f"the students' folders in submitted hold {', '.join(map(shown, names[:5])) or 'no folder'}: none is called "
        f"{wanted.assignment}. Give the students' folders of one assignment in a folder of their own, or rename it"
    )


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _time(work: Node) -> str:
    stamp = work.child("timestamp.txt")
    return head(stamp.path, stamp.inside, 100).decode("utf-8", "replace").strip() if stamp else ""
