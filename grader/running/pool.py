"""A class of submissions on several processes: only paths and JSON travel, each process keeps its slot warm.

Any ``concurrent.futures.Executor`` schedules the jobs; limits, kill and verdict belong to the job itself, so no engine
can weaken them. Nothing here imports torch: the command line stays quick.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

import msgspec

from grader.running.jobs import Engine, Job, JobOutcome
from grader.running.process import prepare_process, run_job

_END_SECONDS = 10.0
_unprepared: list[str] = []  # why this process cannot grade: what its preparation ended with


def grade_class(jobs: Sequence[Job], engine: Engine) -> Iterator[JobOutcome]:
    """Grade every job, in the order they finish. Closing the iterator (or Ctrl-C) ends the processes.

    When a grading process dies, whatever it took down with it is graded again, each job by itself.
    """
    yield from grade_batches([jobs], engine)


def grade_batches(batches: Iterable[Sequence[Job]], engine: Engine) -> Iterator[JobOutcome]:
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


def _once_more(job: Job, engine: Engine) -> JobOutcome:
    """Grade a job in a process of its own."""
    executor = _pool(job, Engine(1, engine.threads))
    try:
        _, outcome = next(_outcomes(executor, [job]))
    finally:
        end_pool(executor)
    return outcome or JobOutcome(name=job.name, fault="the grading process ended twice (memory?)")


def _pool(job: Job, engine: Engine) -> ProcessPoolExecutor:
    """Processes for jobs like this one."""
    return ProcessPoolExecutor(
        engine.jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=prepare_process,
        initargs=(msgspec.json.encode(job),),
    )


def _outcomes(executor: Executor, jobs: Sequence[Job]) -> Iterator[tuple[Job, JobOutcome | None]]:
    """Each job with its outcome as it finishes; None where the process that had it is gone."""
    waiting: dict[Future[bytes], Job] = {}
    for job in jobs:
        try:
            waiting[executor.submit(run_job, msgspec.json.encode(job))] = job
        except BrokenProcessPool:  # a process that had nothing to do has died
            yield job, None
    for future in as_completed(waiting):
        try:
            yield waiting[future], msgspec.json.decode(future.result(), type=JobOutcome)
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
