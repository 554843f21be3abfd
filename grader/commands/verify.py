"""``grader verify``: check the nine invariants of a course."""

from __future__ import annotations

from collections.abc import Sequence

import click

from grader.calibration import stored
from grader.commands.options import sandbox_options
from grader.commands.progress import tracked
from grader.course.catalog import Part, find_course
from grader.running.jobs import Engine
from grader.sandbox import levels
from grader.verification import proof
from grader.verification.gradings import How, solutions
from grader.verification.invariants import INVARIANTS, verify
from grader.verification.layout import Finding

_MOST_NAMES = 5  # in one line


@click.command("verify")
@click.argument("selectors", nargs=-1, metavar="[ASSIGNMENT[/PART]]...")
@click.option("--again", is_flag=True, help="Use no earlier result; grade every mistake by all checks.")
@sandbox_options
def command(selectors: tuple[str, ...], again: bool, jobs: int | None, sandbox: str) -> int:
    """Check the nine invariants of the course, or of the parts named.

    Grades each mistake first by the checks that are known to catch it, and by all checks only if it passes those.
    Keeps results in the course's build/verify and uses them until something that they depend on changes.

    \b
    Examples:
      grader verify
      grader verify lab1/factorise --jobs 2
      grader verify --again                     use no earlier result
    """  # noqa: D301
    course = find_course()
    parts = course.select(selectors)
    if not parts:
        click.echo("this course has no parts yet: make one with `grader new hw1/warm_up`")
    total = sum(len(solutions(part)) for part in parts)
    how = How(Engine.for_machine(jobs, total), levels.choose(sandbox), course.root / "build" / "verify", again)
    with tracked("grading known solutions", total) as step:
        findings = verify(course, parts, how, step)
    _show_findings(findings)
    _show_notes(parts)
    click.echo(
        f"{len(parts)} parts, {total} known solutions: "
        + (f"{len(findings)} problems" if findings else "all invariants hold")
    )
    return int(bool(findings))


def _show_findings(findings: Sequence[Finding]) -> None:
    for number, sentence in INVARIANTS.items():
        broken = [finding for finding in findings if finding.invariant == number]
        click.echo(f"{'FAIL' if broken else 'ok  '} {number} {sentence}")
        for finding in broken:
            click.echo(f"       {finding.where}: {finding.problem}\n         repair: {finding.repair}")


def _show_notes(parts: Sequence[Part]) -> None:
    """Print notes that are no problems: gates without a calibration, and mistakes that take longer to verify."""
    for part in parts:
        for setting in stored.uncalibrated(part):
            click.echo(f"not calibrated: the gates of {part.identity} for {setting.key}")
        for setting in stored.settings(part):
            if extent := stored.extent(part, setting):
                click.echo(f"partly calibrated: the gates of {part.identity} for {setting.key}, on {extent}")
        if names := proof.unknown(part):
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            repair = f"run `grader audit {part.identity} --no-mutants --gradings 0` to make the next verify faster"
            click.echo(f"slow: no stored proof in {part.identity} for {', '.join(names[:_MOST_NAMES])}{more}; {repair}")
