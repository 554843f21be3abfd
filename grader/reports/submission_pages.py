"""The pages of one submission, made where it is graded: the process that runs a class has enough to do."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import msgspec

from grader.records.record import ResultRecord

TEMPLATES = "templates"  # the folder of a course in which its own templates lie


class SubmissionPages(msgspec.Struct, frozen=True, kw_only=True):
    """The student's page of an attempt, and the page for staff, which leads to no neighbours yet."""

    attempt: int
    student: str
    staff: str


def render_pages(record: ResultRecord, course: Path) -> SubmissionPages:
    """Render the pages of a record that has its number, with the templates of the ``course``, if it has any.

    Raises:
        CourseError: one of these is wrong.
    """
    from grader.reports.html import ALONE, render_report, render_staff_page
    from grader.reports.jinja import course_templates

    folder = course / TEMPLATES
    with course_templates(folder) if folder.is_dir() else nullcontext():
        return SubmissionPages(
            attempt=record.attempt, student=render_report(record), staff=render_staff_page(record, ALONE)
        )
