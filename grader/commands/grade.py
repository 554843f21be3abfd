"""``grader grade``: grade one submission, several, or a folder of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from grader.commands.class_line import ClassLine
from grader.commands.class_options import class_at, keep_class, say_who_is_absent
from grader.commands.class_run import grade_rest, progress_of
from grader.commands.cluster_run import engine_of, is_here, setting_of
from grader.commands.desk_work import by_people_if_readable
from grader.commands.near_copies import keep_fingerprints
from grader.commands.options import ClassOptions, RunOptions, class_options, run_options
from grader.commands.outcome_table import show_outcomes, tell_unreadable
from grader.commands.page_templates import use_course_templates
from grader.commands.right_assignment import refuse_other_assignment
from grader.commands.run_setting import say_what_is_used
from grader.commands.terminal import write_json
from grader.course.catalog import Course, Part, data_use, find_course
from grader.course.version import checks_version, part_version
from grader.intake.sources.source import FoundSubmission
from grader.records.record import Standing
from grader.records.store import Store, refuse_other_records
from grader.reports.pages import write_class_pages
from grader.running.fork_server import fork_server
from grader.running.jobs import Engine, Job, JobOutcome
from grader.verification.authoring import refuse_broken
from grader.verification.engine import grader_version


@click.command("grade")
@click.argument("selector", metavar="ASSIGNMENT[/PART]")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write records and reports here (default: build/ASSIGNMENT)."
)
@click.option("--visible", is_flag=True, help="Run only the checks that students may see.")
@click.option("--again", is_flag=True, help="Grade every submission, also those that are unchanged since their record.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON record per line instead of a table.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Grade on the workers of a Dask cluster: tcp://HOST:PORT of its scheduler, or local:N (docs/cluster.md).",
)
@class_options
@run_options
def command(
    selector: str,
    given: ClassOptions,
    out: Path | None,
    visible: bool,
    again: bool,
    as_json: bool,
    cluster: str | None,
    run: RunOptions,
) -> int:
    """Grade submissions of ASSIGNMENT: folders, .zip files, folders of them, or the download of an LMS as it came.

    Writes a record and a report for each submission below --out. Run the same command again to grade only what is new
    or has changed (the files, the checks, the data, the grader, profile or device), or to resume after an interruption;
    --again grades everything. Each grading adds an attempt and overwrites none. A run of one part (ASSIGNMENT/PART or
    --part) or with --visible is practice: it leaves grades as they are, and its report is attempt-NNN.html.

    \b
    Examples:
      grader grade lab1 submissions/ --jobs 2
      grader grade lab1 canvas.zip --roster people.csv             as Canvas, Moodle, Gradescope … give it
      grader grade lab1 doejane.zip --seed 5036811846372119473    grade again with the recorded seed
      grader grade lab1/factorise my_folder                       one part, as practice
      grader grade lab1 my_folder --visible            run what students can run at home
      grader grade lab1 canvas.zip --cluster tcp://scheduler:8786

    \b
    Exit codes: 0 graded, with any score · 1 the grader failed, a person must look · 2 wrong usage
                3 a submission was refused, or needs a look (all others are graded) · 130 interrupted
    """  # noqa: D301
    course = _course(graded_here=cluster is None or is_here(cluster))
    assignment, run = run.on(selector)
    store = Store(out or Path("build") / assignment)
    parts = course.parts(assignment, run.part)
    refuse_other_records(store, assignment)
    found = class_at(given, course.parts(assignment), store.folder)
    plan, engine = _prepared(course, parts, found.submissions, setting_of(run, cluster, parts), visible_only=visible)
    keep_class(found, assignment, given, store.folder, quiet=as_json)
    with engine_of(cluster, engine, run.jobs, course, parts) as engine:
        return _run(course, plan, engine, store, again=again, seed_is_given=run.seed is not None, as_json=as_json)


def _course(*, graded_here: bool) -> Course:
    """Find the course; meanwhile, and while the class is read, the first process that grades begins to start."""
    if graded_here:
        fork_server.begin()
    return find_course()


def _run(
    course: Course,
    plan: Sequence[Job],
    engine: Engine,
    store: Store,
    *,
    again: bool,
    seed_is_given: bool,
    as_json: bool,
) -> int:
    """Grade a plan, write the pages of the class, and say what a person must do; return the exit code."""
    first = plan[0]
    parts = course.parts(first.assignment, first.parts)
    if not as_json:
        say_what_is_used(parts, first.profile, first.device)
    data = data_use(parts, first.profile).origins()
    progress = progress_of(plan, store, data, again=again, seed_is_given=seed_is_given, quiet=as_json)
    show, title = _print_json if as_json else _show_nothing, course.title_of(first.assignment)
    kept, fresh, staff_pages = grade_rest(plan, progress, engine, store, title=title, quiet=as_json, show=show)
    keep_fingerprints(course, plan, kept + fresh, store.folder)
    people = by_people_if_readable(store.folder, first.assignment)
    write_class_pages(store, title, {line.name: line.fault for line in fresh if not line.standing}, people, staff_pages)
    if not as_json:
        show_outcomes(fresh, store, kept=kept)
        say_who_is_absent(store.folder)
    if faults := sum(line.is_ours for line in kept + fresh):
        said = f"the grader failed on {faults} of {len(plan)} submissions: run the same command to grade them again"
        click.echo(said, err=True)
    return 1 if tell_unreadable(store) else exit_code(kept + fresh)


def _prepared(
    course: Course, parts: Sequence[Part], found: Sequence[FoundSubmission], run: RunOptions, *, visible_only: bool
) -> tuple[list[Job], Engine]:
    """Return the plan and the processes for it; raises before anything is graded if that would be in vain."""
    use_course_templates()
    refuse_broken(parts)
    engine = Engine.for_machine(run.jobs, len(found), run.device)
    plan = _plan(course, parts, found, run, engine, visible_only=visible_only)
    refuse_other_assignment(course, plan)
    return plan, engine


def exit_code(lines: Sequence[ClassLine]) -> int:
    """Return 1 if the grader failed on a submission, 3 if one was refused or needs a look, else 0."""
    if any(line.is_ours for line in lines):
        return 1
    return 3 if any(line.refused or line.standing is Standing.needs_a_look for line in lines) else 0


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
        sandbox=run.sandbox,
        threads=engine.threads,
        seed=run.seed_or_drawn,
        profile=run.profile,
        real=data_use(parts, run.profile).real(),
        device=run.device,
        checks_version=checks_version(parts),
        grader_version=grader_version(),
        versions={part.name: part_version(part) for part in parts},
        visible_only=visible_only,
        whole=len(parts) == len(course.parts(assignment)),
    )
    return [
        msgspec.structs.replace(
            first,
            keep=not first.is_practice,
            path=os.fsencode(one.path),
            name=one.name,
            pieces=tuple((os.fsencode(piece.at), os.fsencode(piece.to)) for piece in one.pieces),
        )
        for one in found
    ]


def _show_nothing(outcome: JobOutcome) -> None:
    """Show nothing yet: the table comes when the class is graded."""


def _print_json(outcome: JobOutcome) -> None:
    """Print the record on one line, or the reason why there is none."""
    without = {"name": outcome.name, "refused": outcome.refused, "fault": outcome.fault}
    write_json(msgspec.json.encode(outcome.record or without).decode())
    if outcome.record and outcome.fault:
        click.echo(f"{outcome.name}: {outcome.fault}", err=True)
