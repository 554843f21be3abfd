"""``grader reference``: grade the reference in the same sandbox as a submission."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from grader.commands.options import RunOptions, run_options
from grader.commands.progress import tracked
from grader.commands.run_setting import chosen_device, say_what_is_used
from grader.course.catalog import Part, find_course
from grader.course.part_toml import PublishedFigure, Setting
from grader.errors import HarnessError
from grader.records.record import PartRecord, ResultRecord
from grader.running.jobs import Engine, Job
from grader.running.pool import grade_class
from grader.sandbox import levels
from grader.verification.authoring import refuse_broken


@click.command("reference")
@click.argument("assignment")
@run_options
def command(assignment: str, run: RunOptions) -> int:
    """Grade the reference of ASSIGNMENT like a submission.

    Prints scores, times, and measured figures beside the published ones.

    \b
    Examples:
      grader reference lab1
      grader reference lab1 --part factorise --seed 7
    """  # noqa: D301
    course = find_course()
    parts = course.parts(assignment, run.part)
    refuse_broken(parts)
    chosen = chosen_device(run.device, parts)
    engine = Engine.for_machine(run.jobs, 1, chosen)
    say_what_is_used(parts, run.profile, chosen)
    job = Job(
        course=str(course.root),
        assignment=assignment,
        parts=tuple(p.name for p in parts),
        path=os.fsencode(parts[0].reference.parent),
        name="reference",
        sandbox=levels.choose(run.sandbox),
        threads=engine.threads,
        seed=run.seed_or_drawn,
        profile=run.profile,
        device=chosen,
        recognise=False,
    )
    with tracked("running the reference", 1) as step:
        outcome = next(grade_class([job], engine))
        step(assignment)
    if outcome.record is None:
        raise HarnessError(outcome.fault or outcome.refused)
    return _show(outcome.record, parts)


def _show(record: ResultRecord, parts: Sequence[Part]) -> int:
    """Print scores and figures; return 1 if the reference lost marks or a figure is outside its range, else 0."""
    configs = {part.name: part.config for part in parts}
    wrong = 0
    for part in record.parts:
        click.echo(f"{part.name:<16} {part.score:g} of {part.max_score:g} points, {part.seconds:.2f} s")
        wrong += _show_checks(part)
        setting = Setting(part.profile, part.device)
        published = {name: known for name, known in configs[part.name].published.items() if known.applies(setting)}
        for name, known in published.items():
            wrong += not _show_figure(name, part.figures.get(name), known)
        for name in sorted(part.figures.keys() - published.keys()):
            click.echo(f"  {name}: {part.figures[name]:.6g}")
    run = f"seed {record.seed}, sandbox {record.environment.sandbox}, {record.seconds:.1f} s"
    click.echo(f"{record.assignment}: {record.score:g} of {record.max_score:g} ({run})")
    if record.written:
        click.echo(f"not included: {record.awaiting:g} points for written answers, which a person marks")
    return int(wrong > 0)


def _show_figure(name: str, ours: float | None, known: PublishedFigure) -> bool:
    """Print our figure beside the published one; return whether it lies in the accepted range."""
    fits = ours is not None and known.low <= ours <= known.high
    shown = "missing" if ours is None else f"{ours:.6g}"
    origin = "measured" if known.ours else "published"
    accepted = f"accepted {known.low:g} to {known.high:g}{'' if fits else '   OFF'}"
    click.echo(f"  {name}: {shown}   {origin} {known.value:g} ({known.source}), {accepted}")
    return fits


def _show_checks(part: PartRecord) -> int:
    """Print the checks that lost marks; return how many did."""
    lost = [check for check in part.checks if check.score < check.points]
    for check in lost:
        click.echo(f"  {check.name}: {check.verdict} {check.message} {check.detail}")
    return len(lost)
