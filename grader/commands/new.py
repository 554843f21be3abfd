"""``grader new``: make the files of a new part, to be filled in."""

from __future__ import annotations

import re
from pathlib import Path

import click

from grader.commands.stubs import notebooks, write
from grader.course.catalog import DATASETS, Course, Part, find_course
from grader.course.scaffold import filled
from grader.course.stubs import stub_of
from grader.errors import UsageError
from grader.files import whole_file

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@click.command("new")
@click.argument("identity", metavar="ASSIGNMENT/PART")
def command(identity: str) -> None:
    """Make the files of a new part: reference, template, checks and fixtures. Keeps files that are already there.

    \b
    Examples:
      grader new lab1/warm_up && grader verify lab1/warm_up
    """  # noqa: D301
    assignment, _, name = identity.partition("/")
    if not (_NAME.fullmatch(assignment) and _NAME.fullmatch(name)):
        raise UsageError(f"{identity!r} is not ASSIGNMENT/PART: use lower-case letters, digits and underscores")
    if assignment == DATASETS:
        raise UsageError(f"no assignment can be called {DATASETS}: fixtures/{DATASETS} holds the data sets")
    part = Part(find_course().root, assignment, name)
    if part.fixture_folder.exists():
        raise UsageError(f"{part.fixture_folder.relative_to(part.course)} already exists")
    _write_files(part)
    from grader.course import fixture_data

    fixture_data.write(part, fixture_data.make(part))
    _write_notebook(part)
    steps = ", ".join(f"`grader {step} {identity}`" for step in ("stubs", "fixtures", "verify"))
    click.echo(f"next: write the reference, the checks and the mistakes, then {steps}")


def _write_files(part: Part) -> None:
    for path, text in _files(part).items():
        if path.exists():
            click.echo(f"kept     {path.relative_to(part.course)}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_file.write(path, text.encode())
        click.echo(f"written  {path.relative_to(part.course)}")


def _write_notebook(part: Part) -> None:
    """Make the notebook of the assignment anew: the part is in it now."""
    for path, text in notebooks(Course(part.course), [part]):
        if text is not None or path.exists():
            write(path, text)
            click.echo(f"{'removed' if text is None else 'written'}  {path.relative_to(part.course)}")


def _files(part: Part) -> dict[Path, str]:
    """Return the text of every file of a new part, by path."""
    reference = filled("part/reference.py")
    return {
        part.reference: reference,
        part.template: stub_of(reference),
        part.check_file: filled("part/checks.py", identity=part.identity),
        part.fixture_folder / "part.toml": filled("part/part.toml"),
        part.fixture_folder / "make.py": filled("part/make.py", identity=part.identity),
        part.fixture_folder / "mistakes" / "squared.py": filled("part/mistakes/squared.py"),
    }
