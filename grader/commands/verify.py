"""``grader verify``: the course's nine invariants."""

from __future__ import annotations

import click

from grader.calibration import stored
from grader.commands.options import sandbox_options
from grader.commands.progress import tracked
from grader.course.catalog import find_course
from grader.running.jobs import Engine
from grader.sandbox import levels
from grader.verification.invariants import INVARIANTS, solutions, verify


@click.command("verify")
@click.argument("selectors", nargs=-1, metavar="[ASSIGNMENT[/PART]]...")
@sandbox_options
def command(selectors: tuple[str, ...], jobs: int | None, sandbox: str) -> int:
    """Check the nine invariants of the course, or of the parts named.

    \b
    Examples:
      grader verify
      grader verify lab1/factorise --jobs 2
    """  # noqa: D301
    course = find_course()
    parts = course.select(selectors)
    total = sum(len(solutions(part)) for part in parts)
    engine = Engine.for_machine(jobs, total)
    with tracked("grading known solutions", total) as step:
        findings = verify(course, parts, engine, levels.choose(sandbox), step)
    for number, sentence in INVARIANTS.items():
        broken = [finding for finding in findings if finding.invariant == number]
        click.echo(f"{'FAIL' if broken else 'ok  '} {number} {sentence}")
        for finding in broken:
            click.echo(f"       {finding.where}: {finding.problem}\n         repair: {finding.repair}")
    for part in parts:
        for setting in stored.uncalibrated(part):
            click.echo(f"uncalibrated: the gates of {part.identity} for {setting.key}")
        for setting in stored.settings(part):
            if extent := stored.extent(part, setting):
                click.echo(f"partly calibrated: the gates of {part.identity} for {setting.key}, on {extent}")
    click.echo(
        f"{len(parts)} parts, {total} known solutions graded: "
        + (f"{len(findings)} problems" if findings else "all invariants hold")
    )
    return int(bool(findings))
