"""The page that students get with the templates: ``student_template/README.md``, generated from course.toml."""

from __future__ import annotations

from pathlib import Path

from grader.course import packages
from grader.course.catalog import Course


def path_of(course: Course) -> Path:
    """Return where the page lies, whether or not it is there."""
    return course.root / "student_template" / "README.md"


def text_of(course: Course) -> str:
    """Return the page: the assignments, how to hand work in, and what it may import.

    It is empty for a course whose course.toml lists no packages: such a course has no page, or writes its own.
    """
    if not course.config.packages:
        return ""
    folders = [f"- `{name}/`: {course.title_of(name)}" for name in course.assignments]
    return "\n".join(
        [
            f"# {course.config.title}",
            "",
            "Each assignment has its folder:",
            "",
            *folders,
            "",
            "Write your code where a template raises `NotImplementedError`, and your answers below their questions.",
            "Hand in the files of the folder, or its notebook.",
            "",
            packages.told(course.config.packages),
            "Other packages are not installed where your work is graded.",
            "",
        ]
    )
