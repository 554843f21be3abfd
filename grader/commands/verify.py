"""``grader verify``: the course's nine invariants."""

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
@click.option("--again", is_flag=True, help="Grade everything anew, and every mistake by all checks.")
@sandbox_options
def command(selectors: tuple[str, ...], again: bool, jobs: int | None, sandbox: str) -> int:
    """Check the nine invariants of the course, or of the parts named.

    A mistake is graded by the checks that are known to catch it, and by all checks only if those let it pass. Results
    are kept below build/verify of the course as long as nothing that they depend on changes.

    \b
    Examples:
      grader verify
      grader verify lab1/factorise --jobs 2
      grader verify --again                     trust no earlier result
    """  # noqa: D301
    course = find_course()
    parts = course.select(selectors)
    if not parts:
        click.echo("this course has no parts yet: `grader new hw1/warm_up` makes one")
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
    """Say what is no problem, but good to know: gates that were not measured, mistakes that take long to prove."""
    for part in parts:
        for setting in stored.uncalibrated(part):
            click.echo(f"uncalibrated: the gates of {part.identity} for {setting.key}")
        for setting in stored.settings(part):
            if extent := stored.extent(part, setting):
                click.echo(f"partly calibrated: the gates of {part.identity} for {setting.key}, on {extent}")
        if names := proof.unknown(part):
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            repair = f"`grader audit {part.identity} --no-mutants --gradings 0` makes the next verify quicker"
            click.echo(
                f"slow: no proof is known in {part.identity} for {', '.join(names[:_MOST_NAMES])}{more}; {repair}"
            )
