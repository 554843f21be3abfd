"""Run tasks on several processes; if a process dies, its task is run again.

Tasks and outcomes travel as JSON. Limits and verdicts belong to the task, so no pool can weaken them. Nothing here
imports torch, so that the command line starts fast.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.connection import wait
from typing import Generic, Self

import msgspec

from grader.running.fork_server import PoolProcess, fork_server
from grader.running.grading_process import GRADING
from grader.running.jobs import Engine, Job, JobOutcome
from grader.running.pace import Pace
from grader.running.pool_process import Work
from grader.running.pool_protocol import Finished, Outcome, Pool, Task

_TWICE = "the grading process ended twice; it may need more memory"
_CLOSED = "the grading was ended"
_ENDED = "The grader stopped twice while it graded what you handed in. This may not be your fault."
# Of a task that is sent to a process that is not waiting for it: so many fit into the buffer of a socket.
_AHEAD_BYTES = 32 << 10


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
        self._several = jobs + beside > 1
        self._processes = list[PoolProcess]()  # only the thread of `run` changes it
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, tasks: Sequence[Task]) -> Iterator[Finished[Task, Outcome]]:
        """Yield each task once, as it finishes (see `Pool.run`)."""
        self._keep([process for process in self._processes if process.is_idle])
        rest, lost = deque(tasks), list[Task]()
        yield from self._done_together(rest, lost)
        while lost and not self._closed.is_set():
            yield self._done_alone(lost.pop(0))
        yield from (Finished(task, None, _CLOSED) for task in (*lost, *rest))

    def close(self) -> None:
        """End the processes now. Their running tasks are lost, but no outcome that they returned.

        Another thread than that of `run` may call it. A pool that is closed stays closed.
        """
        self._closed.set()
        _end([*self._processes])

    def _done_together(self, rest: deque[Task], lost: list[Task]) -> Iterator[Finished[Task, Outcome]]:
        """Take tasks from ``rest`` and yield them as they finish; those of a process that dies go to ``lost``."""
        pace = Pace(self._jobs, patient=self._patient)
        self._hand_out(rest, pace)
        while busy := {process.connection: process for process in self._processes if process.tasks}:
            finished = []
            for connection in wait([*busy], pace.seconds):
                process = busy[connection]  # type: ignore[index]
                try:
                    reply = process.receive()
                except (EOFError, OSError):
                    lost += process.tasks
                    self._keep([one for one in self._processes if one is not process])
                else:
                    pace.note(process.seconds)
                    finished.append(self._finished(process.done(), reply))
            self._hand_out(rest, pace)  # before the caller takes its time
            yield from finished

    def _hand_out(self, rest: deque[Task], pace: Pace) -> None:
        """Give tasks to the processes, and start more of them, as far as the pace allows."""
        while rest and not self._closed.is_set():
            text = msgspec.json.encode(rest[0])
            most = 2 if len(text) <= _AHEAD_BYTES and pace.is_ahead(len(rest)) else 1
            process = min(self._processes, key=lambda one: len(one.tasks), default=None)
            if process is None or (process.tasks and len(self._processes) < pace.processes(len(rest))):
                process = self._started(text)
            elif len(process.tasks) >= most:
                return
            process.send(rest.popleft(), text)

    def _started(self, first: bytes) -> PoolProcess:
        process = fork_server.start(self._work, first, several=self._several)
        self._processes.append(process)
        if self._closed.is_set():  # while it started: whoever closed the pool did not know of it
            process.end()
        return process

    def _done_alone(self, task: Task) -> Finished[Task, Outcome]:
        """Run a task with nothing beside it, in a process of its own."""
        self._keep([])
        text = msgspec.json.encode(task)
        process = self._started(text)
        process.send(task, text)
        try:
            reply = process.receive()
            return self._finished(process.done(), reply)
        except (EOFError, OSError):
            return Finished(task, None, _CLOSED) if self._closed.is_set() else Finished(task, None, _TWICE, died=True)

    def _keep(self, processes: list[PoolProcess]) -> None:
        """End all processes but these."""
        ended, self._processes = [one for one in self._processes if one not in processes], processes
        _end(ended)

    def _finished(self, task: Task, reply: tuple[bytes, str]) -> Finished[Task, Outcome]:
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
            for job, outcome, fault, died in pool.run(jobs):
                yield outcome or JobOutcome(name=job.name, fault=fault, refused=_ENDED if died else "")


def _opened(engine: Engine) -> Pool[Job, JobOutcome]:
    return ProcessPool(GRADING, engine.jobs, patient=engine.patient) if engine.elsewhere is None else engine.elsewhere()


def _end(processes: Sequence[PoolProcess]) -> None:
    for process in processes:
        process.tell_to_end()
    for process in processes:
        process.end()
