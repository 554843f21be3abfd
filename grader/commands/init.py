"""``grader init``: make an empty course."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from grader.course import course_toml
from grader.course.scaffold import filled
from grader.errors import UsageError
from grader.files import whole_file

_FOLDERS = ("reference", "student_template", "fixtures", "checks")
_FILES = {"course.toml": "course.toml", "README.md": "README.md", ".gitignore": "gitignore"}


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Make an empty course in FOLDER; then add parts with `grader new`. Keeps files that are already there.

    \b
    Examples:
      grader init mycourse && cd mycourse && grader new hw1/warm_up
      grader init .
    """  # noqa: D301
    root = folder.resolve()
    if (root / course_toml.FILE).exists():
        raise UsageError(f"{folder} is already a course: it has a {course_toml.FILE}")
    for tree in _FOLDERS:
        (root / tree).mkdir(parents=True, exist_ok=True)
    for name, template in _FILES.items():
        if (root / name).exists():
            click.echo(f"kept     {folder / name}")
            continue
        text = filled(f"course/{template}", name=_course_name(root))
        whole_file.write(root / name, text.encode())
        click.echo(f"written  {folder / name}")
    click.echo(f"next: cd {folder}, then `grader new hw1/warm_up`")


def _course_name(root: Path) -> str:
    """Return the folder's name, escaped for a TOML string and a heading."""
    return json.dumps(re.sub(r"[\x00-\x1f\x7f]", "", root.name) or "course", ensure_ascii=False)[1:-1]
