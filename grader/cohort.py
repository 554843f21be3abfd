"""A class of submissions on several processes: only paths and JSON travel, each process keeps its slot warm.

Any ``concurrent.futures.Executor`` schedules the jobs; limits, kill and verdict belong to the job itself, so no engine
can weaken them. Nothing here imports torch: the command line stays quick.
"""

from __future__ import annotations

import atexit
import dataclasses
import functools
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from grader import devices
from grader.catalog import Course, Part
from grader.datasets import sources
from grader.errors import HarnessError, IntakeRefused
from grader.facts import Cap
from grader.worker.process_table import die_with_parent

_END_SECONDS = 10.0
_unprepared: list[str] = []  # why this process cannot grade: what its preparation ended with

if TYPE_CHECKING:
    from grader.recognise import Recogniser
    from grader.sandbox.slot import Slot


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One submission to grade, as it travels to a process."""

    course: str
    assignment: str
    parts: tuple[str, ...]
    path: bytes  # as the file system has it: a student's file name need not be UTF-8
    name: str  # under which the record is kept
    sandbox: str
    threads: int
    seed: int
    profile: str = "mini"
    real: tuple[str, ...] = ()  # data sets that were here when the run began: nobody is graded on mini for want of one
    device: str = "cpu"
    visible_only: bool = False
    whole: bool = True
    solution_of: str = ""  # the path is one file: a known solution (reference, variant, mistake) of this part
    recognise: bool = True
    cap: Cap | None = None

    @property
    def file(self) -> Path:
        """What to grade: a folder or a file."""
        return Path(os.fsdecode(self.path))


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a job: a record, or why there is none; with both, what went wrong with the record's page."""

    name: str
    record: bytes = b""
    refused: str = ""  # the submission could not be taken in: a sentence for the student
    fault: str = ""  # our own fault


@dataclass(frozen=True, slots=True)
class Engine:
    """How many processes, and the threads that torch has in each."""

    jobs: int
    threads: int

    @classmethod
    def for_machine(cls, jobs: int | None, submissions: int, device: str = "cpu") -> Engine:
        """``jobs`` processes (default: one for each core, no more than submissions); threads share out the cores.

        With CUDA never more than one for each GPU.
        """
        cores = len(os.sched_getaffinity(0))
        jobs = max(1, min(jobs or cores, submissions))
        if device == "cuda":
            jobs = min(jobs, len(devices.gpus()))
        return cls(jobs, max(1, cores // jobs))


def grade_class(jobs: Sequence[Job], engine: Engine) -> Iterator[Outcome]:
    """Grade every job, in the order they finish. Closing the iterator (or Ctrl-C) ends the processes.

    When a grading process dies, whatever it took down with it is graded again, each job by itself.
    """
    yield from grade_batches([jobs], engine)


def grade_batches(batches: Iterable[Sequence[Job]], engine: Engine) -> Iterator[Outcome]:
    """As `grade_class`, one batch after the other on the same processes.

    A batch is asked for when every outcome of the one before has been taken: it may depend on them. All jobs are of one
    assignment and one setting.
    """
    executor: ProcessPoolExecutor | None = None
    try:
        for jobs in filter(None, batches):
            executor = executor or _pool(jobs[0], engine)
            lost: list[Job] = []
            for job, outcome in _outcomes(executor, jobs):
                if outcome is None:
                    lost.append(job)
                else:
                    yield outcome
            if lost:
                end_pool(executor)
                executor = None
            yield from (_once_more(job, engine) for job in lost)
    finally:
        if executor is not None:
            end_pool(executor)


def _once_more(job: Job, engine: Engine) -> Outcome:
    """Grade a job in a process of its own."""
    executor = _pool(job, Engine(1, engine.threads))
    try:
        _, outcome = next(_outcomes(executor, [job]))
    finally:
        end_pool(executor)
    return outcome or Outcome(name=job.name, fault="the grading process ended twice (memory?)")


def _pool(job: Job, engine: Engine) -> ProcessPoolExecutor:
    """Processes for jobs like this one."""
    return ProcessPoolExecutor(
        engine.jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=prepare_process,
        initargs=(msgspec.json.encode(job),),
    )


def run_job(text: bytes) -> bytes:
    """Grade one submission (in a process of the engine); JSON in, JSON out, and never an exception."""
    job = msgspec.json.decode(text, type=Job)
    try:
        ensure_prepared()
        outcome = Outcome(name=job.name, record=_graded(job))
    except IntakeRefused as refusal:
        outcome = Outcome(name=job.name, refused=str(refusal))
    except Exception as error:  # noqa: BLE001 -- a fault of ours must not stop the class
        outcome = Outcome(name=job.name, fault=_in_words(error))
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
    from grader.grading import GradeOptions, grade  # noqa: PLC0415 -- imports torch and pytest
    from grader.intake import take_in  # noqa: PLC0415
    from grader.record import to_json  # noqa: PLC0415

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
        preload=tuple(dict.fromkeys(name for part in parts for name in part.facts.preload)),
        threads=threads,
        device=device,
        torch_home=_torch_home(parts, profile),
        hidden=(*folders_without_python(Path(root)), *without_python(sources.folders())),
    )
    slot = open_slot(level, settings)
    slot.start()

    @functools.cache
    def recogniser() -> Recogniser:
        from grader.recognise import Recogniser  # noqa: PLC0415

        return Recogniser(slot)

    return slot, recogniser


def _torch_home(parts: Sequence[Part], profile: str) -> Path | None:
    """The folder with the pretrained weights, where a part of the assignment loads them."""
    names = [part.facts.datasets for part in parts if "resnet18" in part.facts.datasets]
    if not names:
        return None
    own = sources.one_profile("resnet18", names, profile)
    from grader.datasets.collection import open_datasets  # noqa: PLC0415 -- imports torch

    return open_datasets(own).torch_home


def _outcomes(executor: Executor, jobs: Sequence[Job]) -> Iterator[tuple[Job, Outcome | None]]:
    """Each job with its outcome as it finishes; None where the process that had it is gone."""
    waiting: dict[Future[bytes], Job] = {}
    for job in jobs:
        try:
            waiting[executor.submit(run_job, msgspec.json.encode(job))] = job
        except BrokenProcessPool:  # a process that had nothing to do has died
            yield job, None
    for future in as_completed(waiting):
        try:
            yield waiting[future], msgspec.json.decode(future.result(), type=Outcome)
        except BrokenProcessPool:
            yield waiting[future], None


def end_pool(executor: ProcessPoolExecutor) -> None:
    """End the processes now; what they were doing is lost, what they returned is not."""
    # Asked for before the shutdown, which forgets them; there is no public way to end a pool at once.
    processes = list((executor._processes or {}).values())  # noqa: SLF001
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_END_SECONDS)
        process.kill()
