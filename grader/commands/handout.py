"""``grader handout``: make what students get for an assignment, as a folder and as a zip."""

from __future__ import annotations

from pathlib import Path

import click

from grader.course.catalog import find_course
from grader.handout.contents import handout
from grader.handout.folder import write


@click.command("handout")
@click.argument("assignment")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("build/handout"),
    show_default=True,
    help="Write the folder ASSIGNMENT and ASSIGNMENT.zip here.",
)
def command(assignment: str, out: Path) -> int:
    """Make what students get for ASSIGNMENT: a folder, and the same as a zip.

    It holds the stubs as .py files and as a notebook, answers.md, a README, small data, and the visible checks with the
    values they compare with. Students run these with `grader check`. It holds no solution, no hidden check, no mistake
    and no seed: it is made from a list of what may go in, and refused if a line of these is in it.

    \b
    Examples:
      grader handout lab1
      grader handout lab1 --out website
    """  # noqa: D301
    made = handout(find_course(), assignment)
    folder = out / assignment
    zipped = write(made.files, folder)
    click.echo(f"{folder}: {len(made.files)} files, {sum(map(len, made.files.values())) / 1e6:.1f} MB")
    click.echo(f"{zipped}: {zipped.stat().st_size / 1e6:.1f} MB")
    if made.only_graded:
        click.echo(f"only run when graded (handout.kept_back in course.toml): {', '.join(made.only_graded)}")
    return 0
