"""Have a command make its pages with the templates of the course."""

from __future__ import annotations

import click

from grader.course.catalog import find_course
from grader.errors import UsageError

FOLDER = "templates"


def use_course_templates() -> None:
    """Use the templates of the course around, if it has any, until the command ends; outside a course, ours.

    Raises:
        CourseError: one of them is no valid template; names the file and the line.
    """
    from grader.reports.html import check_templates
    from grader.reports.jinja import course_templates

    try:
        folder = find_course().root / FOLDER
    except UsageError:
        return
    if folder.is_dir():
        check_templates(folder)
        click.get_current_context().with_resource(course_templates(folder))
