"""``grader reference``: grade the reference in the same sandbox as a submission."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import click

from grader.commands.options import RunOptions, run_options
from grader.commands.page_templates import use_course_templates
from grader.commands.progress import tracked
from grader.commands.reference_figures import compare_figures, keep_record
from grader.commands.run_setting import chosen_device, say_what_is_used
from grader.course.catalog import Part, find_course
from grader.errors import HarnessError
from grader.records.record import PartRecord, ResultRecord
from grader.running.jobs import Engine, Job
from grader.running.pool import grade_class
from grader.sandbox import levels
from grader.verification.authoring import refuse_broken


@click.command("reference")
@click.argument("selector", metavar="ASSIGNMENT[/PART]")
@click.option("--out", type=click.Path(path_type=Path), help="Keep the record, its page and published.csv here.")
@run_options
def command(selector: str, out: Path | None, run: RunOptions) -> int:
    """Grade the reference of ASSIGNMENT like a submission, and compare its figures with the published ones.

    Prints scores, times, and each figure as soon as it is measured. With real data (--profile full) some figures take
    minutes: published.csv below --out has those that are done, also after an interruption.

    \b
    Examples:
      grader reference lab1
      grader reference lab1/factorise --seed 7
      grader reference lab1 --profile full --out build/reference

    \b
    Exit codes: 0 full marks, and every figure is in its range · 1 otherwise · 2 wrong usage
    """  # noqa: D301
    assignment, run = run.on(selector)
    parts = find_course().parts(assignment, run.part)
    use_course_templates()
    refuse_broken(parts)
    run = dataclasses.replace(run, device=chosen_device(run.device, parts))
    say_what_is_used(parts, run.profile, run.device)
    record = graded_reference(parts, run)
    lost = _show_scores(record)
    if out:
        keep_record(record, out)
    return int(compare_figures(record, parts, out) + lost > 0)


def graded_reference(parts: Sequence[Part], run: RunOptions) -> ResultRecord:
    """Grade the reference as a submission; raises HarnessError if that fails."""
    assignment, engine = parts[0].assignment, Engine.for_machine(run.jobs, 1, run.device)
    job = Job(
        course=str(parts[0].course),
        assignment=assignment,
        parts=tuple(part.name for part in parts),
        path=os.fsencode(parts[0].reference.parent),
        name="reference",
        sandbox=levels.choose(run.sandbox),
        threads=engine.threads,
        seed=run.seed_or_drawn,
        profile=run.profile,
        device=run.device,
        recognise=False,
    )
    with tracked("running the reference", 1) as step:
        outcome = next(grade_class([job], engine))
        step(assignment)
    if outcome.record is None:
        raise HarnessError(outcome.fault or outcome.refused)
    return outcome.record


def _show_scores(record: ResultRecord) -> int:
    """Print the scores, and the checks that lost marks; return how many did."""
    lost = 0
    for part in record.parts:
        click.echo(f"{part.name:<16} {part.score:g} of {part.max_score:g} points, {part.seconds:.2f} s")
        lost += _show_checks(part)
    run = f"seed {record.seed}, sandbox {record.environment.sandbox}, {record.seconds:.1f} s"
    click.echo(f"{record.assignment}: {record.score:g} of {record.max_score:g} ({run})")
    if record.written:
        click.echo(f"not included: {record.awaiting:g} points for written answers, which a person marks")
    return lost


def _show_checks(part: PartRecord) -> int:
    """Print the checks that lost marks; return how many did."""
    lost = [check for check in part.checks if check.score < check.points]
    for check in lost:
        click.echo(f"  {check.name}: {check.verdict} {check.message} {check.detail}")
    return len(lost)
