"""``grader grade``: one submission, several, or a directory of them."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from grader.commands.options import RunOptions, run_options
from grader.commands.outcome_table import show_outcomes
from grader.commands.progress import tracked
from grader.commands.run_setting import chosen_device, say_what_is_used
from grader.course.catalog import Course, Part, data_use, find_course
from grader.errors import UsageError
from grader.intake.discover import FoundSubmission, find_submissions
from grader.records.record import Standing
from grader.records.store import Store
from grader.reports.pages import write_class_pages, write_report_page
from grader.running.jobs import Engine, Job, JobOutcome
from grader.running.pool import grade_class
from grader.running.resume import ResumableRun
from grader.sandbox import levels
from grader.verification.authoring import refuse_broken


@click.command("grade")
@click.argument("assignment")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where records and reports go (default: build/ASSIGNMENT)."
)
@click.option("--visible", is_flag=True, help="Only the checks a student may see.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON record a line instead of a table.")
@run_options
def command(
    assignment: str, paths: Sequence[Path], out: Path | None, visible: bool, as_json: bool, run: RunOptions
) -> int:
    """Grade submissions of ASSIGNMENT: folders, .zip files, or directories of them.

    Each submission gets a record and a report below --out; marking again adds an attempt, never overwrites. What is run
    of some parts or checks takes no grade's place: its report is attempt-NNN.html. After an interruption the same
    command goes on where it stopped.

    \b
    Examples:
      grader grade lab1 submissions/ --jobs 2
      grader grade lab1 doejane.zip --seed 5036811846372119473    again, as it was recorded
      grader grade lab1 my_folder --visible            what a student can run at home

    \b
    Exit codes: 0 graded, whatever the score · 1 a fault of ours, someone must look · 2 usage
                3 a submission was refused at intake (the others are graded) · 130 interrupted
    """  # noqa: D301
    course = find_course()
    store = Store(out or Path("build") / assignment)
    found = find_submissions(paths, assignment)
    if not found:
        raise UsageError("no submissions there")
    parts = course.parts(assignment, run.part)
    refuse_broken(parts)
    run = dataclasses.replace(run, device=chosen_device(run.device, parts))
    engine = Engine.for_machine(run.jobs, len(found), run.device)
    if not as_json:
        say_what_is_used(parts, run.profile, run.device)
    plan = _plan(course, parts, found, run, engine, visible_only=visible)
    outcomes = _grade(plan, engine, store, seed_is_given=run.seed is not None, as_json=as_json)
    write_class_pages(store, assignment, {o.name: o.refused or o.fault for o in outcomes if o.record is None})
    if not as_json:
        show_outcomes(outcomes, store)
    if faults := sum(map(_is_ours, outcomes)):
        said = f"{faults} of {len(plan)} not graded to the end, by our fault: run the same command to grade them again"
        click.echo(said, err=True)
    return exit_code(outcomes)


def exit_code(outcomes: Sequence[JobOutcome]) -> int:
    """Return 1 when something of ours failed, 3 when something was refused, else 0."""
    if any(map(_is_ours, outcomes)):
        return 1
    return 3 if any(o.refused for o in outcomes) else 0


def _is_ours(outcome: JobOutcome) -> bool:
    """Return whether something of ours failed, so that there is no final score."""
    return bool(outcome.fault or (outcome.record and outcome.record.standing is Standing.needs_attention))


def _plan(
    course: Course,
    parts: Sequence[Part],
    found: Sequence[FoundSubmission],
    run: RunOptions,
    engine: Engine,
    *,
    visible_only: bool,
) -> list[Job]:
    """Make the job of every submission; they all get the same seed."""
    assignment = parts[0].assignment
    first = Job(
        course=str(course.root),
        assignment=assignment,
        parts=tuple(p.name for p in parts),
        path=b"",
        name="",
        sandbox=levels.choose(run.sandbox),
        threads=engine.threads,
        seed=run.seed_or_drawn,
        profile=run.profile,
        real=data_use(parts, run.profile).real(),
        device=run.device,
        visible_only=visible_only,
        whole=len(parts) == len(course.parts(assignment)),
    )
    return [msgspec.structs.replace(first, path=os.fsencode(path), name=name) for name, path in found]


def _grade(
    plan: Sequence[Job], engine: Engine, store: Store, *, seed_is_given: bool, as_json: bool
) -> list[JobOutcome]:
    """Grade what an interrupted run of the same plan has not graded; keep each outcome as it comes."""
    run = ResumableRun(store.folder, plan, seed_is_given=seed_is_given)
    rest = [msgspec.structs.replace(job, seed=run.seed) for job in plan if not run.is_done(job)]
    if done := len(plan) - len(rest):
        click.echo(f"resuming a run that was interrupted: {done} of {len(plan)} are graded", err=True)
    outcomes = []
    with tracked("grading", len(rest), quiet=as_json) as step:
        for outcome in grade_class(rest, engine):
            kept = _kept(outcome, store)
            if kept.record and not _is_ours(kept):
                run.note(kept.record, store.path_of(kept.record))
            if as_json:
                _print_json(kept)
            step(kept.name)
            outcomes.append(kept)
    if not any(map(_is_ours, outcomes)):
        run.finish()
    return outcomes


def _kept(outcome: JobOutcome, store: Store) -> JobOutcome:
    """Add the record to the store and write its page. A page that cannot be written is a fault; the class goes on."""
    if outcome.record is None:
        return outcome
    record, fault = store.append(outcome.record), ""
    try:
        write_report_page(store, record)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it must not stop the class
        fault = f"the record is kept, its page could not be written: {type(error).__name__}: {error}"
    return msgspec.structs.replace(outcome, record=record, fault=fault)


def _print_json(outcome: JobOutcome) -> None:
    """Print the record on one line, or why there is none."""
    without = {"name": outcome.name, "refused": outcome.refused, "fault": outcome.fault}
    sys.stdout.write(msgspec.json.encode(outcome.record or without).decode() + "\n")
    if outcome.record and outcome.fault:
        click.echo(f"{outcome.name}: {outcome.fault}", err=True)
