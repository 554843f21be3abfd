"""Run one grading process: prepare a warm sandbox slot once, then grade one job after another.

A job of an assignment that needs other settings starts a further slot, which is kept as well.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.course.catalog import Course, Part, data_use
from grader.course.version import PartVersion
from grader.datasets.collection import Datasets, weights_among
from grader.errors import IntakeRefused
from grader.intake.submission import Submission
from grader.records.record import PartRecord, ResultRecord
from grader.reports.submission_pages import SubmissionPages, render_pages
from grader.running import devices
from grader.running.jobs import Job, JobOutcome
from grader.running.pool_process import Work
from grader.sandbox.cores import own_cores
from grader.worker.preloading import importing

if TYPE_CHECKING:
    from grader.grading.grade import GradeOptions
    from grader.grading.known_mistakes import Recogniser
    from grader.sandbox.slot import OwnSlot, Slot, SlotSettings


def grade_job(job: Job) -> JobOutcome:
    """Grade one submission, or say why it was refused; raises any error of the grader itself."""
    try:
        return _graded(job)
    except IntakeRefused as refusal:
        return JobOutcome(name=job.name, refused=str(refusal))


def prepare_slot(job: Job) -> None:
    """Start this process's slot, so that its slow imports run at the same time as our own."""
    if job.device == "cuda":
        devices.claim_gpu()
    _started(job.sandbox, _settings_for(job))


def load_grading(job: Job) -> None:
    """Import what a job needs."""
    with importing():
        import torch

        import grader.grading.grade
        import grader.running.judging

        if job.attempt:
            import grader.reports.html  # noqa: F401 -- their imports, before the first submission needs them

    torch.set_num_threads(job.threads)


def close_slots() -> None:
    """End all that this process has started."""
    for slot in _slots:
        slot.close()


def forget_slots() -> None:
    """In a forked process: forget the slots and cores of its parent, which still uses them."""
    for slot in _slots:
        slot.forget()
    _slots.clear()
    for known in (_started, _recogniser, own_cores):
        known.cache_clear()


_slots: list[OwnSlot] = []  # all that this process has started
GRADING = Work(
    task=Job,
    outcome=JobOutcome,
    prepare=prepare_slot,
    do=grade_job,
    load=load_grading,
    forget=forget_slots,
    leave=close_slots,
)


def _graded(job: Job) -> JobOutcome:
    from grader.grading.grade import grade
    from grader.intake.work import refuse_without_work
    from grader.running.judging import graded_anew, judged_again

    _course(job.course).datasets.still_here(job.real)
    parts = _course(job.course).parts(job.assignment, job.parts)
    slot, recogniser = warm_slot(job)

    def run(submission: Submission, some: Sequence[Part], slots: Mapping[str, Slot]) -> ResultRecord:
        return grade(submission, some, slot, _options(job), recogniser, slots)

    if job.kept:
        outcome = judged_again(job, parts, slot, run)
    else:
        submission = job.take_in()
        refuse_without_work(submission)
        if job.solution_of:
            (content,) = submission.files.values()
            submission = dataclasses.replace(submission, files={f"{job.solution_of}.py": content})
        slot.wait_ready()  # what that takes is no time of the submission's
        outcome = graded_anew(job, submission, parts, slot, run)
    if outcome.record is None:
        return outcome
    record = _with_versions(job, outcome.record)
    return msgspec.structs.replace(outcome, record=record, pages=_pages(job, record))


def _pages(job: Job, record: ResultRecord) -> SubmissionPages | None:
    """Return the pages of a record, if it will be kept and they can be made; else whoever stores it makes them."""
    if not job.attempt or record.starved:
        return None
    with suppress(Exception):  # it fails there, too, and is told
        return render_pages(msgspec.structs.replace(record, attempt=job.attempt), Path(job.course))
    return None


def _options(job: Job) -> GradeOptions:
    from grader.grading.grade import GradeOptions

    return GradeOptions(
        seed=job.seed,
        profile=job.profile,  # type: ignore[arg-type]
        device=job.device,
        visible_only=job.visible_only,
        whole=job.whole,
        only=job.only,
        until_caught=job.until_caught,
        recognise=job.recognise,
        cap=job.cap,
        until=math.inf if job.seconds is None else time.monotonic() + job.seconds,
    )


def _with_versions(job: Job, record: ResultRecord) -> ResultRecord:
    """Return a record that says by which checks and which grader it was made."""
    return msgspec.structs.replace(
        record,
        submission=msgspec.structs.replace(record.submission, name=job.name),
        checks_version=job.checks_version,
        grader_version=job.grader_version,
        parts=tuple(_part_with_version(part, job.versions.get(part.name)) for part in record.parts),
    )


def _part_with_version(part: PartRecord, version: PartVersion | None) -> PartRecord:
    if version is None:
        return part
    checks = (msgspec.structs.replace(one, sha256=version.checks.get(one.name, "")) for one in part.checks)
    return msgspec.structs.replace(part, version=version.sha256, checks=tuple(checks))


@functools.cache
def _course(root: str) -> Course:
    """Return the course; reads its part.toml files once for a whole class."""
    return Course(Path(root))


def warm_slot(job: Job) -> tuple[Slot, Recogniser]:
    """Return this process's slot for such jobs, and its recogniser with the answers that it has replayed so far."""
    settings = _settings_for(job)
    return _started(job.sandbox, settings), _recogniser(job.sandbox, settings)


def _settings_for(job: Job) -> SlotSettings:
    return _slot_settings(job.course, job.assignment, job.threads, job.profile, job.device)


@functools.cache
def _slot_settings(root: str, assignment: str, threads: int, profile: str, device: str) -> SlotSettings:
    from grader.sandbox.environment import folders_without_python, without_python
    from grader.sandbox.slot import SlotSettings

    parts = _course(root).parts(assignment)
    return SlotSettings(
        preload=tuple(dict.fromkeys(name for part in parts for name in part.config.preload)),
        threads=threads,
        device=device,
        torch_home=_torch_home(parts, profile),
        hidden=(*folders_without_python(Path(root)), *without_python(_course(root).datasets.folders())),
    )


@functools.cache
def _started(level: str, settings: SlotSettings) -> Slot:
    """Start a slot; assignments that need the same settings share it."""
    from grader.sandbox.levels import open_slot

    slot = open_slot(level, settings)
    _slots.append(slot)
    slot.start()
    return slot


@functools.cache
def _recogniser(level: str, settings: SlotSettings) -> Recogniser:
    from grader.grading.known_mistakes import Recogniser

    return Recogniser(_started(level, settings))


def _torch_home(parts: Sequence[Part], profile: str) -> Path | None:
    """Return the folder with the pretrained weights; None if no part of the assignment loads any."""
    catalog = parts[0].datasets
    weights = weights_among(catalog, tuple(name for part in parts for name in part.config.datasets))
    if not weights:
        return None
    users = [part for part in parts if weights[0] in part.config.datasets]
    profile_used = data_use(users, profile).profile_of(weights[0])
    return Datasets(catalog, profile_used, seed=0).torch_home_of(weights[0])
