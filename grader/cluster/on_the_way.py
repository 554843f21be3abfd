"""The tasks that a cluster's workers have, and copies of jobs that take long.

A machine may be slow, or stop without a word. When nothing waits any more, a job that takes long is copied to a worker
that has nothing to do. The first outcome counts.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from grader.cluster.wire import Wire
from grader.running.jobs import Job

if TYPE_CHECKING:
    from dask.typing import Key
    from distributed import Future

_SLOW_TIMES = 2.0  # what a slow worker takes, compared with most


class Sent(NamedTuple):
    """A task: jobs to be done one after the other, and the same as JSON.

    ``workers`` are those that it may go to, any if empty; ``since`` is when it was sent, as of `time.monotonic`.
    """

    jobs: tuple[Job, ...]
    texts: tuple[bytes, ...]
    workers: frozenset[str]
    since: float


class OnTheWay:
    """The tasks that are not back yet; ``awaited`` are those with a job that has no outcome.

    A task whose jobs are all done elsewhere is awaited no longer. It is kept until it is done: so Dask knows that its
    worker is busy, and sends nothing there that would have to wait.
    """

    def __init__(self) -> None:
        self.awaited: dict[Future[list[Wire]], Sent] = {}
        self._unwanted: list[Future[list[Wire]]] = []  # awaited no longer
        self._tasks_of: dict[str, set[Future[list[Wire]]]] = {}  # awaited ones of each job without an outcome, by name
        self._copied = set[str]()  # names of jobs

    @property
    def unwanted(self) -> list[Future[list[Wire]]]:
        """Tasks that are awaited no longer, and not done."""
        self._unwanted = [future for future in self._unwanted if future.status == "pending"]
        return self._unwanted

    def slow(self, now: float, is_long: Callable[[float], bool]) -> Iterator[tuple[Key, Sent]]:
        """Yield each job that takes long as a task of its own, with the key of its task now.

        A job is copied once: whatever becomes of the copy, there is no second one.
        """
        for future, sent in self.awaited.items():
            if is_long((now - sent.since) / len(sent.jobs)):
                for job, text in zip(sent.jobs, sent.texts, strict=True):
                    if self.lacks(job) and job.name not in self._copied:
                        yield future.key, Sent((job,), (text,), frozenset(), sent.since)

    def add(self, future: Future[list[Wire]], sent: Sent) -> None:
        """Await a task. If a job of it is in another one already, this is its copy."""
        self.awaited[future] = sent
        for job in sent.jobs:
            if job.name in self._tasks_of:
                self._copied.add(job.name)
            self._tasks_of.setdefault(job.name, set()).add(future)

    def back(self, future: Future[list[Wire]]) -> Sent:
        """Await a task no longer, for it is done, and return it."""
        sent = self.awaited.pop(future)
        for job in sent.jobs:
            self._tasks_of.get(job.name, set()).discard(future)
        return sent

    def lacks(self, job: Job) -> bool:
        """Return whether a job that was sent has no outcome yet."""
        return job.name in self._tasks_of

    def is_elsewhere(self, job: Job) -> bool:
        """Return whether another task has a job, too."""
        return bool(self._tasks_of.get(job.name))

    def settle(self, job: Job) -> None:
        """Await a job no longer, nor a task of which this was the last job."""
        for future in self._tasks_of.pop(job.name):
            if not any(self.lacks(one) for one in self.awaited[future].jobs):
                del self.awaited[future]
                self._unwanted.append(future)


def copies(
    slow: Iterable[tuple[Key, Sent]],
    has: Mapping[str, Sequence[Key]],
    threads: Mapping[str, int],
    usual: Mapping[str, float],
    long_ago: float,
) -> Iterator[Sent]:
    """Yield copies of slow tasks, each for one worker: one that has nothing to do, and never that of the task.

    ``has`` are the keys of the tasks that each worker has, ``threads`` how many a worker that may get a copy does at
    once, ``usual`` how many seconds a job usually takes on each. Tasks of the slowest workers come first, and the
    fastest ones get the copies. A slow one gets a copy only where there is no other. One with a task that was sent
    ``long_ago`` or earlier may have stopped: there is no slower one.
    """
    at = {key: worker for worker, keys in has.items() for key in keys}
    free = {worker: number - len(has.get(worker, ())) for worker, number in threads.items()}
    running = [(at[key], task) for key, task in slow if key in at]
    limit = _SLOW_TIMES * statistics.median(usual.values())
    takes = {**usual, **{worker: math.inf for worker, task in running if task.since <= long_ago or worker not in usual}}
    for own, task in sorted(running, key=lambda one: takes[one[0]], reverse=True):
        others = [worker for worker in threads if worker != own]
        idle = [worker for worker in [one for one in others if takes[one] <= limit] or others if free[worker] > 0]
        if idle:
            fastest = min(idle, key=takes.__getitem__)
            free[fastest] -= 1
            yield task._replace(workers=frozenset({fastest}))
