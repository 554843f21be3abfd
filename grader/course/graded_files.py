"""The files of a course that grading an assignment reads, for a machine that does not have the course."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course.catalog import Course, Part
from grader.course.version import read_when_graded
from grader.errors import CourseError


def graded_files(course: Course, parts: Sequence[Part]) -> Iterator[Path]:
    """Yield all that decides a score but other right solutions; ``parts`` are of one assignment.

    Raises:
        CourseError: a part lacks a file that grading needs.
    """
    for part in parts:
        for needed in (part.reference, part.check_file, part.fixture_folder / "expected.json"):
            if not needed.is_file():
                raise CourseError(f"{needed} is missing; `grader verify` says what repairs it")
    found = dict.fromkeys(path for part in parts for path in read_when_graded(part))
    unread = {path for part in parts for path in part.variants}
    beside = [course.notebook(parts[0].assignment), *(part.fixture_folder / "first_steps.py" for part in parts)]
    yield from (path for path in (*found, *beside) if path not in unread and path.is_file())
