"""Run a plan: grade what is not done yet, store every outcome as soon as it arrives, and write its page."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from typing import NamedTuple

import click
import msgspec

from grader.commands.class_line import ClassLine, line_of
from grader.commands.class_progress import ClassProgress, Shown
from grader.records.record import EnvironmentRecord, ResultRecord, SubmissionRecord
from grader.records.store import Store
from grader.reports.class_so_far import ClassSoFar
from grader.reports.pages import MadeOf, page_of, write_report_page
from grader.running.jobs import Engine, Job, JobOutcome
from grader.running.pool import grade_class
from grader.running.resume import ResumableRun
from grader.running.unchanged import OnlyNew, Progress

_MOST_NAMES = 5  # in one line


class Graded(NamedTuple):
    """The lines of what was kept, and of what is new; and the pages for staff that lack only their neighbours."""

    kept: list[ClassLine]
    fresh: list[ClassLine]
    staff_pages: Mapping[str, MadeOf]


def progress_of(
    plan: Sequence[Job], store: Store, data: Mapping[str, str], *, again: bool, seed_is_given: bool, quiet: bool
) -> Progress:
    """Return what of a plan is done already, and say so on stderr; if ``quiet``, only where something is.

    A run with ``again`` and a practice run grade everything: they resume what an interrupted run of theirs left.
    """
    if again or plan[0].is_practice:
        run = ResumableRun(store.folder, plan, seed_is_given=seed_is_given)
        if done := sum(map(run.is_done, plan)):
            click.echo(f"resuming the interrupted run: {done} of {len(plan)} submissions are already graded", err=True)
        return run
    new = OnlyNew(store, plan, data, seed_is_given=seed_is_given)
    if new.in_words and (any(map(new.is_done, plan)) or not quiet):
        click.echo(new.in_words, err=True)
    return new


def grade_rest(
    plan: Sequence[Job],
    progress: Progress,
    engine: Engine,
    store: Store,
    *,
    title: str,
    quiet: bool,
    show: Callable[[JobOutcome], None],
) -> Graded:
    """Grade what is not done; store and ``show`` each outcome.

    What the machine was too busy for is graded once more at the end, one submission at a time. However the run ends,
    the pages of the class say who is outstanding. ``title`` is that of the assignment, for the records of refused
    submissions; ``quiet`` draws no progress.
    """
    kept, fresh = list[ClassLine](), list[ClassLine]()
    done = [job for job in plan if progress.is_done(job)]
    for job in done:
        outcome = _still_valid(job.name, store)
        show(outcome)
        kept.append(line_of(outcome))
    names = {job.name for job in done}
    jobs = {job.name: _to_do(job, progress.seed, store) for job in plan if job.name not in names}
    pages = ClassSoFar(store, plan[0].assignment, jobs)
    how_far = ClassProgress(list(jobs), engine.jobs, list(filter(None, (store.latest_of(job.name) for job in plan))))
    graded = closing(graded_alone_if_starved(jobs, engine, how_far.postpone))
    with _true_at_the_end(pages), graded as outcomes, Shown(how_far, quiet=quiet) as shown:
        for outcome in outcomes:
            stored = stored_outcome(_recorded(outcome, jobs[outcome.name], title, store), store)
            if stored.record and not stored.is_ours:
                progress.note(stored.record, store.path_of(stored.record))
            show(stored)
            fresh.append(line_of(stored))
            with suppress(Exception):  # what cannot be written now fails again, aloud, when the class is done
                pages.add(stored.name, "" if stored.record else stored.fault, stored.pages)
            shown.finish(stored)
    if not any(line.is_ours for line in fresh):
        progress.finish()
    return Graded(kept, fresh, pages.staff_pages)


def _to_do(job: Job, seed: int, store: Store) -> Job:
    return msgspec.structs.replace(job, seed=seed, attempt=store.next_attempt(job.name))


@contextmanager
def _true_at_the_end(pages: ClassSoFar) -> Iterator[None]:
    """Write the pages once more if the run is interrupted, so that they say who is outstanding."""
    try:
        yield
    except BaseException:
        with suppress(Exception):
            pages.write()
        raise


def graded_alone_if_starved(
    jobs: Mapping[str, Job], engine: Engine, postpone: Callable[[str], None]
) -> Generator[JobOutcome]:
    """Grade all jobs; those that the machine was too busy for are graded again, alone, when all others are done.

    ``postpone`` gets the name of each of these.
    """
    starved = []
    for outcome in grade_class(list(jobs.values()), engine) if jobs else ():
        if outcome.record and outcome.record.starved:
            starved.append(jobs[outcome.name])
            postpone(outcome.name)
        else:
            yield outcome
    if starved:
        names = ", ".join(job.name for job in starved[:_MOST_NAMES])
        more = f" and {len(starved) - _MOST_NAMES} more" if len(starved) > _MOST_NAMES else ""
        click.echo(f"the machine was too busy; grading again, one at a time: {names}{more}", err=True)
        yield from grade_class(starved, Engine(1, engine.threads))


def _still_valid(name: str, store: Store) -> JobOutcome:
    """Return the outcome of a submission that is done; write its page if somebody took it away."""
    record = store.latest_of(name)
    if record and not page_of(store, record).is_file():
        write_report_page(store, record)
    return JobOutcome(name=name, record=record)


def _recorded(outcome: JobOutcome, job: Job, title: str, store: Store) -> JobOutcome:
    """Return the outcome of a refused submission with a record, like the others; any other one as it is.

    One that ended the grader twice is refused, too: so it has a page, and somebody looks at it.

    A submission that is refused once more for the same reason keeps its attempt.
    """
    if not outcome.refused:
        return outcome
    record = ResultRecord(
        assignment=job.assignment,
        assignment_title=title,
        submission=SubmissionRecord(name=job.name, sha256=""),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=job.seed,
        profile=job.profile,
        device=job.device,
        environment=EnvironmentRecord(sandbox=job.sandbox),
        checks_version=job.checks_version,
        grader_version=job.grader_version,
        partial=job.is_practice,
        refused=outcome.refused,
        reasons=(f"The grader failed: {outcome.fault}. Run the same command to grade it again.",)
        if outcome.fault
        else (),
    )
    *_, last = (None, *store.attempts(job.name))
    if last and (last.refused, last.is_practice) == (record.refused, record.is_practice):
        return msgspec.structs.replace(outcome, record=last)
    return msgspec.structs.replace(outcome, record=store.append(record))


def stored_outcome(outcome: JobOutcome, store: Store) -> JobOutcome:
    """Store the record with the answers, which leave the outcome, and write its page.

    If that fails, note the fault and go on with the class.
    """
    if outcome.record is None:
        return outcome
    record, fault = outcome.record if outcome.refused else store.append(outcome.record), outcome.fault
    made = outcome.pages.student if outcome.pages and outcome.pages.attempt == record.attempt else ""
    try:
        if outcome.answers:
            store.keep_answers(record, outcome.answers)
        write_report_page(store, record, made)
    except Exception as error:  # noqa: BLE001 -- no error here may stop the class
        fault = (
            f"the record is stored, but its answers or its page could not be written: {type(error).__name__}: {error}"
        )
    # Without the answers: those of a whole class would take as much memory as all that it handed in.
    return msgspec.structs.replace(outcome, record=record, answers=b"", fault=fault)
