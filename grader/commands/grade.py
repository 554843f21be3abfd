"""``grader grade``: grade one submission, several, or a folder of them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from grader.commands.options import RunOptions, run_options
from grader.commands.outcome_table import show_outcomes
from grader.commands.progress import tracked
from grader.commands.run_setting import chosen_device, say_what_is_used
from grader.commands.terminal import write_json
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
    "--out", type=click.Path(path_type=Path), help="Write records and reports here (default: build/ASSIGNMENT)."
)
@click.option("--visible", is_flag=True, help="Run only the checks that students may see.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON record per line instead of a table.")
@run_options
def command(
    assignment: str, paths: Sequence[Path], out: Path | None, visible: bool, as_json: bool, run: RunOptions
) -> int:
    """Grade submissions of ASSIGNMENT: folders, .zip files, or folders that hold them.

    Writes a record and a report for each submission below --out. Grading again adds an attempt and overwrites none. A
    run with --part or --visible is practice: it leaves grades as they are, and its report is attempt-NNN.html. Run the
    same command to resume after an interruption.

    \b
    Examples:
      grader grade lab1 submissions/ --jobs 2
      grader grade lab1 doejane.zip --seed 5036811846372119473    grade again with the recorded seed
      grader grade lab1 my_folder --visible            run what students can run at home

    \b
    Exit codes: 0 graded, with any score · 1 the grader failed, a person must look · 2 wrong usage
                3 a submission was refused at intake (the others are graded) · 130 interrupted
    """  # noqa: D301
    course = find_course()
    store = Store(out or Path("build") / assignment)
    found = find_submissions(paths, assignment)
    if not found:
        raise UsageError(f"there are no submissions in {', '.join(map(str, paths))}")
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
        said = f"the grader failed on {faults} of {len(plan)} submissions: run the same command to grade them again"
        click.echo(said, err=True)
    return exit_code(outcomes)


def exit_code(outcomes: Sequence[JobOutcome]) -> int:
    """Return 1 if the grader failed on a submission, 3 if one was refused, else 0."""
    if any(map(_is_ours, outcomes)):
        return 1
    return 3 if any(o.refused for o in outcomes) else 0


def _is_ours(outcome: JobOutcome) -> bool:
    """Return whether the grader itself failed, so that the score is not final."""
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
    """Return one job for each submission, all with the same seed."""
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
    """Grade what an interrupted run of the same plan left; store each outcome as soon as it arrives."""
    run = ResumableRun(store.folder, plan, seed_is_given=seed_is_given)
    rest = [msgspec.structs.replace(job, seed=run.seed) for job in plan if not run.is_done(job)]
    if done := len(plan) - len(rest):
        click.echo(f"resuming the interrupted run: {done} of {len(plan)} submissions are already graded", err=True)
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
    """Store the record and write its page. If the page cannot be written, note the fault and go on with the class."""
    if outcome.record is None:
        return outcome
    record, fault = store.append(outcome.record), ""
    try:
        write_report_page(store, record)
    except Exception as error:  # noqa: BLE001 -- no error here may stop the class
        fault = f"the record is stored, but its page could not be written: {type(error).__name__}: {error}"
    return msgspec.structs.replace(outcome, record=record, fault=fault)


def _print_json(outcome: JobOutcome) -> None:
    """Print the record on one line, or the reason why there is none."""
    without = {"name": outcome.name, "refused": outcome.refused, "fault": outcome.fault}
    write_json(msgspec.json.encode(outcome.record or without).decode())
    if outcome.record and outcome.fault:
        click.echo(f"{outcome.name}: {outcome.fault}", err=True)
