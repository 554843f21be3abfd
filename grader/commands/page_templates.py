"""Have a command make its pages with the templates of the course."""

from __future__ import annotations

import click

from grader.course.catalog import find_course
from grader.errors import UsageError
from grader.reports.submission_pages import TEMPLATES


def use_course_templates() -> None:
    """Use the templates of the course around, if it has any, until the command ends; outside a course, ours.

    Raises:
        CourseError: one of them is no valid template (names the file and the line), or nobody translated the pages
            into the course's language.
    """
    from grader.reports.html import check_templates
    from grader.reports.jinja import course_templates
    from grader.reports.languages import translations_of

    try:
        course = find_course()
    except UsageError:
        return
    translations_of(course.config.language)
    folder = course.root / TEMPLATES
    if folder.is_dir():
        check_templates(folder)
        click.get_current_context().with_resource(course_templates(folder))
