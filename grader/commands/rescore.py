"""``grader rescore``: judge what a class answered once more, after a check has changed."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import click
import msgspec

from grader.commands.class_progress import ClassProgress, Shown
from grader.commands.class_run import graded_alone_if_starved, stored_outcome
from grader.commands.desk_work import by_people_if_readable
from grader.commands.gradebook_book import form_option
from grader.commands.gradebook_differences import NOBODY_MOVED, difference_rows
from grader.commands.gradebook_output import Form, print_rows
from grader.commands.run_setting import say_what_is_used
from grader.course.catalog import Course, Part, data_use, find_course
from grader.course.version import checks_version, part_version
from grader.errors import UsageError
from grader.intake.locate import enumerated
from grader.records.record import ResultRecord
from grader.records.rescored import best_of_rescored, rescored, with_earlier_points
from grader.records.store import Store
from grader.reports.pages import write_class_pages, write_report_page
from grader.running.jobs import Engine, Job, JobOutcome
from grader.running.rescore_plan import Plan, changes, graded_records, plan
from grader.sandbox import levels
from grader.verification.authoring import refuse_broken
from grader.verification.engine import grader_version


@click.command("rescore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--never-lower", is_flag=True, help="Let everybody keep their earlier points where these are more.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Run this many processes (default: one for each core).")
@form_option
def command(folder: Path, never_lower: bool, jobs: int | None, form: Form) -> int:
    """Judge the class in FOLDER again after a check has changed, and show who has other points now.

    Only the parts whose checks have changed are judged, from what the students' code answered when it was graded; no
    code of theirs runs. Where a check asks something new, or an answer was not kept, this says so and runs the part
    again, with the same seed. Every result is a new attempt; earlier ones stay.

    With --never-lower, who would lose points gets one attempt more, which has the earlier points and says so. You may
    give it later, too.

    \b
    Examples:
      grader rescore build/lab1
      grader rescore build/lab1 --never-lower --csv > moved.csv

    \b
    Exit codes: 0 everybody is judged by today's checks · 1 some are not, they are named · 2 wrong usage
    """  # noqa: D301
    store = Store(folder)
    before = graded_records(store)
    course, first = find_course(), _asked(find_course(), before, folder)
    parts = course.parts(first.assignment)
    to_do = plan(store, before, first, data_use(parts, first.profile).origins())
    _say_what_changed(to_do, first)
    failed = _judge(to_do, parts, Engine.for_machine(jobs, len(to_do.to_judge), first.device), store)
    if never_lower:
        _keep_earlier_points(store)
    if to_do.to_judge or never_lower:
        write_class_pages(store, first.assignment, {}, by_people_if_readable(folder, first.assignment))
    print_rows(difference_rows(before, graded_records(store)), form, NOBODY_MOVED)
    if to_do.not_kept:
        names = enumerated([one.submission.name for one in to_do.not_kept])
        click.echo(f"what these handed in was not kept, `grader grade` grades it: {names}", err=True)
    return int(bool(failed or to_do.not_kept))


def _asked(course: Course, records: Sequence[ResultRecord], folder: Path) -> Job:
    """Return a job with all that is the same for the class; raises UsageError where its records differ in it."""
    settings = {(one.assignment, one.profile, one.device, one.environment.sandbox) for one in records}
    if not settings:
        raise UsageError(f"nothing below {folder} was graded: run `grader grade ASSIGNMENT PATH --out {folder}` first")
    if len(settings) > 1:
        told = "; ".join(", ".join(one) for one in sorted(settings))
        raise UsageError(f"{folder} was graded in several settings ({told}): bring it into one with `grader grade`")
    ((assignment, profile, device, sandbox),) = settings
    parts = course.parts(assignment)
    refuse_broken(parts)
    return Job(
        course=str(course.root),
        assignment=assignment,
        parts=tuple(part.name for part in parts),
        path=os.fsencode(folder),
        name="",
        sandbox=levels.choose(sandbox),
        threads=1,
        seed=0,
        profile=profile,
        real=data_use(parts, profile).real(),
        device=device,
        checks_version=checks_version(parts),
        grader_version=grader_version(),
        versions={part.name: part_version(part) for part in parts},
    )


def _say_what_changed(to_do: Plan, asked: Job) -> None:
    """Print on stderr what has changed, and how many submissions that concerns."""
    outdated = [one.base for one in to_do.to_judge]
    for part, checks in changes([*outdated, *to_do.not_kept], asked.versions):
        what = f"check{'s' * (len(checks) > 1)} {', '.join(checks)}" if checks else "points, or what it compares with"
        click.echo(f"changed since it was graded: {part}: {what}", err=True)
    for why in dict.fromkeys(one.run_because for one in to_do.to_judge if one.run_because):
        names = [one.base.submission.name for one in to_do.to_judge if one.run_because == why]
        click.echo(f"run again, because {why}: {len(names)} ({enumerated(names)})", err=True)
    click.echo(f"{len(to_do.to_judge)} to judge again, {len(to_do.current)} up to date", err=True)


def _judge(to_do: Plan, parts: Sequence[Part], engine: Engine, store: Store) -> Collection[str]:
    """Judge a plan, store the records and their pages; return the names of those that could not be judged."""
    if not to_do.to_judge:
        return ()
    first = to_do.to_judge[0].job
    say_what_is_used(parts, first.profile, first.device)
    bases = {one.job.name: one.base for one in to_do.to_judge}
    jobs = {one.job.name: msgspec.structs.replace(one.job, threads=engine.threads) for one in to_do.to_judge}
    names, outcomes, how_far = [part.name for part in parts], [], ClassProgress(list(jobs), engine.jobs)
    with Shown(how_far) as shown:
        for outcome in graded_alone_if_starved(jobs, engine, how_far.postpone):
            outcomes.append(stored_outcome(_rescored(outcome, bases[outcome.name], names), store))
            shown.finish(outcomes[-1])
    for line in (line for outcome in outcomes for line in _told(outcome, jobs[outcome.name])):
        click.echo(line, err=True)
    without_running = sum(outcome.record is not None and not outcome.ran for outcome in outcomes)
    click.echo(f"judged without running any student's code: {without_running} of {len(jobs)}", err=True)
    return [outcome.name for outcome in outcomes if outcome.is_ours]


def _rescored(outcome: JobOutcome, base: ResultRecord, names: Sequence[str]) -> JobOutcome:
    if outcome.record is None:
        return outcome
    return msgspec.structs.replace(outcome, record=rescored(base, outcome.record, outcome.ran, names))


def _told(outcome: JobOutcome, job: Job) -> Iterator[str]:
    if outcome.record is None:
        yield f"{outcome.name}: not judged, so the earlier attempt counts: {outcome.fault or outcome.refused}"
    elif outcome.fault:
        yield f"{outcome.name}: {outcome.fault}"
    elif outcome.ran and not job.run_again:
        yield f"{outcome.name}: run again, because its answers are not kept: {', '.join(outcome.ran)}"


def _keep_earlier_points(store: Store) -> None:
    """Append an attempt with the earlier points for everybody who has lost some by being judged again."""
    for latest in graded_records(store):
        best = best_of_rescored(store.attempts(latest.submission.name), latest)
        if best is not latest:
            write_report_page(store, store.append(with_earlier_points(latest, best)))
            kept = f"keeps {best.score:g} points of attempt {best.attempt} instead of {latest.score:g}"
            click.echo(f"{latest.submission.name}: {kept}", err=True)
