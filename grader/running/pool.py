"""Run tasks on several processes; if a process dies, its task is run again.

Tasks and outcomes travel as JSON. Limits and verdicts belong to the task, so no pool can weaken them. Nothing here
imports torch, so that the command line starts fast.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver
from typing import Generic, Self

import msgspec

from grader.running import pool_process
from grader.running.grading_process import GRADING
from grader.running.jobs import Engine, Job, JobOutcome
from grader.running.listener import hide_listener
from grader.running.pace import Pace, at_once
from grader.running.pool_process import Work
from grader.running.pool_protocol import Finished, Outcome, Pool, Task
from grader.sandbox.direct import Direct
from grader.sandbox.process import OrdinaryProcess
from grader.worker.huge_pages import MALLOC
from grader.worker.preloading import WAITING_THREADS

_END_SECONDS = 10.0
_TWICE = "the grading process ended twice (memory?)"
_CLOSED = "the grading was ended"
_FORK_SERVER = "grader.running.fork_server"  # imported by the fork server before it forks

_Wire = tuple[bytes, str]


class ProcessPool(Generic[Task, Outcome]):
    """A pool of up to ``jobs`` processes of this machine. Use it in a ``with``, which closes it.

    A ``patient`` one starts more than one process only if that saves time. ``beside`` is how many processes other pools
    start at about the same time. Each process prepares itself for the first task of a run, so all tasks of a pool must
    be of one kind: for grading, of one course and one device.
    """

    def __init__(self, work: Work[Task, Outcome], jobs: int, *, patient: bool = False, beside: int = 0) -> None:
        self._work = work
        self._jobs = jobs
        self._patient = patient
        self._soon = beside + at_once(jobs, patient=patient)
        self._executor: ProcessPoolExecutor | None = None
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, tasks: Sequence[Task]) -> Iterator[Finished[Task, Outcome]]:
        """Yield each task once, as it finishes (see `Pool.run`)."""
        self._closed.clear()
        rest, pace = deque(tasks), Pace(self._jobs, patient=self._patient)
        while rest:
            lost: list[Task] = []
            yield from self._until_one_dies(rest, lost, pace)
            if self._closed.is_set():
                yield from (Finished(task, None, _CLOSED) for task in (*lost, *rest))
                return
            if lost:
                self._end()
            for task in lost:
                yield self._alone(task)

    def close(self) -> None:
        """End the processes now. Their running tasks are lost, but no outcome that they returned.

        Another thread than that of `run` may call it.
        """
        self._closed.set()
        self._end()

    def _end(self) -> None:
        if self._executor is not None:
            end_pool(self._executor)
            self._executor = None

    def _until_one_dies(self, rest: deque[Task], lost: list[Task], pace: Pace) -> Iterator[Finished[Task, Outcome]]:
        """Take tasks from ``rest`` and yield them as they finish, until all are done or a process dies.

        Those that the processes had then go to ``lost``: one of them may be why.
        """
        running: dict[Future[_Wire], Task] = {}
        self._submit(rest, lost, running, pace)
        while running:
            finished = []
            for future in wait(running, pace.seconds, FIRST_COMPLETED).done:
                task = running.pop(future)
                try:
                    reply = future.result()
                except (BrokenProcessPool, CancelledError):
                    lost.append(task)
                else:
                    pace.note()
                    finished.append(self._finished(task, reply))
            self._submit(rest, lost, running, pace)  # before the caller takes its time
            yield from finished

    def _submit(self, rest: deque[Task], lost: list[Task], running: dict[Future[_Wire], Task], pace: Pace) -> None:
        """Give as many tasks to the processes as they should have, unless one of the processes died."""
        while rest and not lost and len(running) < pace.most(len(rest)):
            task = rest.popleft()
            if (future := self._submitted(task)) is None:
                lost.append(task)
            else:
                running[future] = task

    def _submitted(self, task: Task) -> Future[_Wire] | None:
        """Give a task to the processes; return None if an idle one has died, or the fork server."""
        self._executor = self._executor or _executor(self._work, task, self._soon, self._jobs)
        try:
            return self._executor.submit(pool_process.run, self._work, msgspec.json.encode(task))
        except (BrokenProcessPool, EOFError, ConnectionError):
            return None

    def _alone(self, task: Task) -> Finished[Task, Outcome]:
        """Run a task with nothing beside it, in a process of its own."""
        executor = _executor(self._work, task, 1, 1)
        try:
            reply = executor.submit(pool_process.run, self._work, msgspec.json.encode(task)).result()
        except (BrokenProcessPool, EOFError, ConnectionError):
            reply = b"", _TWICE
        finally:
            end_pool(executor)
        return self._finished(task, reply)

    def _finished(self, task: Task, reply: _Wire) -> Finished[Task, Outcome]:
        text, fault = reply
        if fault:
            return Finished(task, None, fault)
        try:
            return Finished(task, msgspec.json.decode(text, type=self._work.outcome))
        except msgspec.MsgspecError as error:
            return Finished(task, None, f"the outcome cannot be read: {error}")


def grade_class(jobs: Sequence[Job], engine: Engine) -> Iterator[JobOutcome]:
    """Grade every job and yield the outcomes as they finish. Closing the iterator (or Ctrl-C) ends the processes."""
    yield from grade_batches([jobs], engine)


def grade_batches(batches: Iterable[Sequence[Job]], engine: Engine) -> Iterator[JobOutcome]:
    """Grade one batch after the other on the same processes, as `grade_class` does.

    Asks for the next batch only after the caller has every outcome of the batch before, so a batch may depend on them.
    All jobs must be of one course and one device.
    """
    with _opened(engine) as pool:
        for jobs in batches:
            for job, outcome, fault in pool.run(jobs):
                yield outcome or JobOutcome(name=job.name, fault=fault)


def _opened(engine: Engine) -> Pool[Job, JobOutcome]:
    return ProcessPool(GRADING, engine.jobs, patient=engine.patient) if engine.elsewhere is None else engine.elsewhere()


def end_pool(executor: ProcessPoolExecutor) -> None:
    """End an executor's processes now."""
    # Listed before the shutdown, which forgets them; there is no public way to end a pool at once.
    processes = list((executor._processes or {}).values())  # noqa: SLF001
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_END_SECONDS)
        process.kill()


def _executor(work: Work[Task, Outcome], first: Task, soon: int, jobs: int) -> ProcessPoolExecutor:
    """Return up to ``jobs`` processes for this work, which start as tasks are submitted.

    ``soon`` is how many start at once, with those of other pools.
    """
    method = start_method(soon, work.level(first))
    if method == "forkserver":
        with _fork_server.lock:  # each thread of a cluster's worker has a pool of its own
            _start_fork_server()
    _fork_server.is_wanted = True
    return ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context(method),
        initializer=pool_process.prepare,
        # A fork server keeps the environment that it started with; its processes need the current one.
        initargs=(work, msgspec.json.encode(first), os.environ | WAITING_THREADS),
    )


def start_method(jobs: int, level: str) -> str:
    """Return how the processes of a pool start: ``spawn`` or ``forkserver``.

    With a fork server, several processes and all later pools share one import of torch. A single process, or the first
    of two, is ready sooner without one: it imports torch while its sandbox does the same. Where students' code runs as
    our own user there is never a fork server: it would run any code that a process of that user sends to its socket,
    without asking for a key.
    """
    if level in (OrdinaryProcess.name, Direct.name):
        return "spawn"
    return "spawn" if jobs == 1 and not _fork_server.is_wanted else "forkserver"


class _ForkServer:
    """Remembers whether a fork server pays: after the first pool of this process it does."""

    is_wanted = False
    lock = threading.Lock()


_fork_server = _ForkServer()


def _start_fork_server() -> None:
    """Start the fork server, or start it again if it died.

    It must have one thread when it forks, and OpenBLAS starts its own when numpy is imported.
    """
    ours = {"OPENBLAS_NUM_THREADS": "1", **WAITING_THREADS, **MALLOC}
    before = {name: os.environ[name] for name in ours if name in os.environ}
    os.environ.update(ours)
    try:
        multiprocessing.get_context("forkserver").set_forkserver_preload([_FORK_SERVER])
        forkserver.ensure_running()
        hide_listener()
    finally:
        for name in ours:
            del os.environ[name]
        os.environ.update(before)
