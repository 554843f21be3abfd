"""``grader export gradescope-autograder``: make the zip that grades on Gradescope."""

from __future__ import annotations

from pathlib import Path

import click

from grader.autograder.contents import EXECUTABLE, contents
from grader.autograder.settings import Settings
from grader.course.catalog import find_course
from grader.files import whole_file
from grader.files.zipped import zip_of
from grader.records.record import Visibility
from grader.verification.authoring import refuse_broken

_GRADER_MB = 700  # that two processes with torch and pandas take, measured


@click.command("gradescope-autograder")
@click.argument("assignment")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("build/autograder.zip"),
    show_default=True,
    help="Write the zip here.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=1),
    default=10.0,
    show_default=True,
    help="The time limit that the assignment has on Gradescope: grading ends before it.",
)
@click.option(
    "--hidden",
    type=click.Choice([one.value for one in Visibility]),
    default=Visibility.visible.value,
    show_default=True,
    help="How Gradescope shows hidden checks, whose inputs and values it never gets; `visible` shows if they pass.",
)
@click.option(
    "--torch-index",
    default="",
    metavar="URL",
    help="The package index with PyTorch for CPUs; pytorch.org shows it under Get Started (Linux, Pip, CPU). Without "
    "it, PyTorch comes with CUDA: several GB more, which Gradescope has no use for.",
)
@click.option("--leaderboard", is_flag=True, help="Also show the scores of the class on Gradescope's leaderboard.")
def command(assignment: str, out: Path, minutes: float, hidden: str, torch_index: str, leaderboard: bool) -> int:
    """Make the zip that Gradescope takes as the autograder of ASSIGNMENT.

    It holds this grader, and of the course what grading reads: references, checks, fixture data, mistakes. Upload it
    under “Configure Autograder”. docs/gradescope.md says what to choose there, and what students see.

    \b
    Examples:
      grader export gradescope-autograder lab1
      grader export gradescope-autograder lab1 --minutes 20 --hidden after_published
    """  # noqa: D301
    course = find_course()
    parts = course.parts(assignment)
    refuse_broken(parts)
    settings = Settings(
        assignment=assignment,
        minutes=minutes,
        hidden=Visibility(hidden),
        leaderboard=leaderboard,
        torch_index=torch_index,
    )
    files = contents(course, settings)
    out.parent.mkdir(parents=True, exist_ok=True)
    whole_file.write(out, zip_of(files.items(), EXECUTABLE))
    click.echo(f"{out}: {len(files)} files, {out.stat().st_size / 1e6:.1f} MB")
    memory = _GRADER_MB + max(part.config.limits.memory_mb for part in parts)
    click.echo(
        f"On Gradescope, set a time limit of {minutes:g} minutes, and choose at least {memory / 1000:.1f} GB of memory."
    )
    if not torch_index:
        click.echo("PyTorch comes with CUDA, several GB more to install: see --torch-index in --help.")
    return 0
