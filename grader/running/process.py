"""A grading process: prepared once with a warm sandbox slot, then one job after another."""

from __future__ import annotations

import atexit
import dataclasses
import functools
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from grader.course.catalog import Course, Part
from grader.datasets import sources
from grader.errors import HarnessError, IntakeRefused
from grader.running import devices
from grader.running.jobs import Job, JobOutcome
from grader.worker.process_table import die_with_parent

if TYPE_CHECKING:
    from grader.grading.known_mistakes import Recogniser
    from grader.sandbox.slot import Slot

_unprepared: list[str] = []  # why this process cannot grade: what its preparation ended with


def run_job(text: bytes) -> bytes:
    """Grade one submission (in a process of the engine); JSON in, JSON out, and never an exception."""
    job = msgspec.json.decode(text, type=Job)
    try:
        ensure_prepared()
        outcome = JobOutcome(name=job.name, record=_graded(job))
    except IntakeRefused as refusal:
        outcome = JobOutcome(name=job.name, refused=str(refusal))
    except Exception as error:  # noqa: BLE001 -- a fault of ours must not stop the class
        outcome = JobOutcome(name=job.name, fault=_in_words(error))
    return msgspec.json.encode(outcome)


def prepare_process(text: bytes) -> None:
    """Start the slot's slow imports beside our own.

    What fails here is kept for the jobs to report: raised, it would end the pool, and nobody would learn why.
    """
    die_with_parent()  # a killed `grader` must not leave its processes, and their sandboxes, behind
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle, in order
    try:
        _prepare(msgspec.json.decode(text, type=Job))
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is ours
        _unprepared.append(_in_words(error))


def ensure_prepared() -> None:
    """Raises HarnessError, with the reason, in a process that could not be prepared."""
    if _unprepared:
        raise HarnessError(_unprepared[0])


def _in_words(error: Exception) -> str:
    return str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"


def _prepare(job: Job) -> None:
    if job.device == "cuda":
        devices.claim_gpu()
    slot, _ = warm_slot(job)
    atexit.register(slot.close)
    signal.signal(signal.SIGTERM, lambda *_: _leave(slot))  # the end of the pool: nothing of the slot may stay behind
    import torch  # noqa: PLC0415 -- while the zygote imports too

    torch.set_num_threads(job.threads)


def _leave(slot: Slot) -> None:
    slot.close()
    os._exit(0)


def _graded(job: Job) -> bytes:
    from grader.grading.grade import GradeOptions, grade  # noqa: PLC0415 -- imports torch and pytest
    from grader.intake.submission import take_in  # noqa: PLC0415
    from grader.records.record import to_json  # noqa: PLC0415

    sources.still_here(job.real)
    submission = take_in(job.file)
    if job.solution_of:
        (content,) = submission.files.values()
        submission = dataclasses.replace(submission, files={f"{job.solution_of}.py": content})
    slot, recogniser = warm_slot(job)
    options = GradeOptions(
        seed=job.seed,
        profile=job.profile,  # type: ignore[arg-type]
        device=job.device,
        visible_only=job.visible_only,
        whole=job.whole,
        only=job.only,
        recognise=job.recognise,
        cap=job.cap,
    )
    parts = _course(job.course).parts(job.assignment, job.parts)
    record = grade(submission, parts, slot, options, recogniser())
    named = msgspec.structs.replace(record, submission=msgspec.structs.replace(record.submission, name=job.name))
    return to_json(named)


@functools.cache
def _course(root: str) -> Course:
    """The course, whose facts are read from disk once for a whole class."""
    return Course(Path(root))


def warm_slot(job: Job) -> tuple[Slot, Any]:
    """This process's slot for jobs like this one, and its recogniser with the answers it has already replayed."""
    return _warm_slot(job.course, job.assignment, job.sandbox, job.threads, job.profile, job.device)


@functools.cache
def _warm_slot(
    root: str, assignment: str, level: str, threads: int, profile: str, device: str
) -> tuple[Slot, Callable[[], Recogniser]]:
    from grader.sandbox.environment import folders_without_python, without_python  # noqa: PLC0415
    from grader.sandbox.levels import open_slot  # noqa: PLC0415
    from grader.sandbox.slot import SlotSettings  # noqa: PLC0415

    parts = _course(root).parts(assignment)
    settings = SlotSettings(
        preload=tuple(dict.fromkeys(name for part in parts for name in part.config.preload)),
        threads=threads,
        device=device,
        torch_home=_torch_home(parts, profile),
        hidden=(*folders_without_python(Path(root)), *without_python(sources.folders())),
    )
    slot = open_slot(level, settings)
    slot.start()

    @functools.cache
    def recogniser() -> Recogniser:
        from grader.grading.known_mistakes import Recogniser  # noqa: PLC0415

        return Recogniser(slot)

    return slot, recogniser


def _torch_home(parts: Sequence[Part], profile: str) -> Path | None:
    """The folder with the pretrained weights, where a part of the assignment loads them."""
    names = [part.config.datasets for part in parts if "resnet18" in part.config.datasets]
    if not names:
        return None
    own = sources.one_profile("resnet18", names, profile)
    from grader.datasets.collection import open_datasets  # noqa: PLC0415 -- imports torch

    return open_datasets(own).torch_home
