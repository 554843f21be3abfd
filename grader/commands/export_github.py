"""``grader export github-classroom``: make the starter repository of an assignment."""

from __future__ import annotations

from pathlib import Path

import click

from grader.course.catalog import find_course
from grader.handout.contents import handout
from grader.handout.folder import write
from grader.handout.starter import WORKFLOW, workflow


@click.command("github-classroom")
@click.argument("assignment")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    help="Write the folder here, and the zip beside it (default: build/github/ASSIGNMENT).",
)
@click.option(
    "--torch-index",
    default="",
    metavar="URL",
    help="The package index with PyTorch for CPUs; pytorch.org shows it under Get Started (Linux, Pip, CPU). Without "
    "it, every run installs PyTorch with CUDA: several GB more.",
)
def command(assignment: str, folder: Path | None, torch_index: str) -> int:
    """Make the starter repository of ASSIGNMENT: the handout, and a workflow that runs its checks at every push.

    Students see on the page of each run what came of the visible checks. This is practice: they can change the checks
    in their own repository. Grade their clones with `grader grade`.

    \b
    Examples:
      grader export github-classroom lab1
      grader export github-classroom lab1 --to ../lab1-starter
    """  # noqa: D301
    course = find_course()
    folder = folder or Path("build") / "github" / assignment
    files = handout(course, assignment).files | {WORKFLOW: workflow(torch_index)}
    zipped = write(files, folder)
    click.echo(f"{folder}: {len(files)} files, of which {WORKFLOW} runs the visible checks; the same in {zipped}")
    return 0
