"""``grader grade``: one submission, several, or a directory of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec

from grader.commands.options import drawn_seed, run_options
from grader.commands.outcome_table import show_outcomes
from grader.commands.progress import tracked
from grader.commands.run_setting import announce, chosen_device
from grader.course.catalog import Course, Part, find_course
from grader.datasets import sources
from grader.errors import UsageError
from grader.intake.discover import FoundSubmission, find_submissions
from grader.records.record import ResultRecord, Standing, from_json
from grader.records.store import Store
from grader.reports.pages import publish_index, publish_report
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
    assignment: str,
    paths: Sequence[Path],
    out: Path | None,
    visible: bool,
    as_json: bool,
    part: Sequence[str],
    jobs: int | None,
    sandbox: str,
    seed: int | None,
    profile: str,
    device: str,
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
    parts = course.parts(assignment, part)
    refuse_broken(parts)
    chosen = chosen_device(device, parts)
    engine = Engine.for_machine(jobs, len(found), chosen)
    if not as_json:
        announce(parts, profile, chosen)
    plan = _plan(course, parts, found, engine, sandbox, seed, profile, chosen, visible)
    run = ResumableRun(store.folder, plan, seed_is_asked_for=seed is not None)
    rest = [msgspec.structs.replace(job, seed=run.seed) for job in plan if not run.is_done(job)]
    if done := len(plan) - len(rest):
        click.echo(f"going on with a run that was interrupted: {done} of {len(plan)} are graded", err=True)
    outcomes = list(_graded(rest, engine, store, run, as_json=as_json))
    faults = sum(map(_is_ours, outcomes))
    if not faults:
        run.finish()
    publish_index(store, assignment, {o.name: o.refused or o.fault for o in outcomes if not o.record})
    if not as_json:
        show_outcomes(outcomes, store)
    if faults:
        click.echo(
            f"{faults} of {len(plan)} not graded to the end, by our fault: the same command grades them again", err=True
        )
    return exit_code(outcomes)


def exit_code(outcomes: Sequence[JobOutcome]) -> int:
    """1 when something of ours failed, 3 when something was refused, else 0."""
    if any(map(_is_ours, outcomes)):
        return 1
    return 3 if any(o.refused for o in outcomes) else 0


def _is_ours(outcome: JobOutcome) -> bool:
    """Whether something of ours failed, so that there is no final score."""
    return bool(outcome.fault or (outcome.record and from_json(outcome.record).standing is Standing.needs_attention))


def _graded(
    jobs: Sequence[Job], engine: Engine, store: Store, run: ResumableRun, *, as_json: bool
) -> Iterator[JobOutcome]:
    """Grade, and keep each outcome as it comes."""
    with tracked("grading", len(jobs), quiet=as_json) as step:
        for outcome in grade_class(jobs, engine):
            kept = _keep(outcome, store, as_json=as_json)
            if kept.record and not _is_ours(kept):
                record = from_json(kept.record)
                run.note(record, store.path_of(record))
            step(kept.name)
            yield kept


def _keep(outcome: JobOutcome, store: Store, *, as_json: bool) -> JobOutcome:
    if outcome.record:
        record, path = store.append(from_json(outcome.record))
        outcome = msgspec.structs.replace(outcome, record=path.read_bytes(), fault=_published(record, store))
    if as_json:
        sys.stdout.write((_one_line(outcome)) + "\n")
        if outcome.record and outcome.fault:
            click.echo(f"{outcome.name}: {outcome.fault}", err=True)
    return outcome


def _published(record: ResultRecord, store: Store) -> str:
    """Write a record's page; why that failed. It is a fault of ours with this one: the class goes on."""
    try:
        publish_report(store, record)
    except Exception as error:  # noqa: BLE001 -- a page that cannot be rendered must not stop the class
        return f"the record is kept, its page could not be written: {type(error).__name__}: {error}"
    return ""


def _one_line(outcome: JobOutcome) -> str:
    if outcome.record:
        return msgspec.json.format(outcome.record, indent=-1).decode()
    return msgspec.json.encode({"name": outcome.name, "refused": outcome.refused, "fault": outcome.fault}).decode()


def _plan(
    course: Course,
    parts: Sequence[Part],
    found: Sequence[FoundSubmission],
    engine: Engine,
    sandbox: str,
    seed: int | None,
    profile: str,
    device: str,
    visible: bool,
) -> list[Job]:
    assignment, level = parts[0].assignment, levels.choose(sandbox)
    chosen_seed = drawn_seed() if seed is None else seed
    return [
        Job(
            course=str(course.root),
            assignment=assignment,
            parts=tuple(p.name for p in parts),
            path=os.fsencode(path),
            name=name,
            sandbox=level,
            threads=engine.threads,
            seed=chosen_seed,
            profile=profile,
            real=sources.real([part.config.datasets for part in parts], profile),
            device=device,
            visible_only=visible,
            whole=len(parts) == len(course.parts(assignment)),
        )
        for name, path in found
    ]
