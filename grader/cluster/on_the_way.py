"""The tasks that a cluster's workers have, and the copies of those that take long.

A machine may be slow, or stop without a word. When nothing waits any more, a task that takes long is copied to a worker
that has nothing to do. The first of the two that is done counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from grader.cluster.wire import Wire
from grader.running.jobs import Job

if TYPE_CHECKING:
    from dask.typing import Key
    from distributed import Future


class Sent(NamedTuple):
    """A task: jobs to be done one after the other, and the same as JSON.

    ``workers`` are those that it may go to, any if empty; ``since`` is when it was sent, as of `time.monotonic`.
    """

    jobs: tuple[Job, ...]
    texts: tuple[bytes, ...]
    workers: frozenset[str]
    since: float


class OnTheWay:
    """The tasks that are not back yet; ``awaited`` are those whose replies count.

    When a task is done, its copy is awaited no longer, and the other way round. It is kept until it is done: so Dask
    knows that its worker is busy, and sends nothing there that would have to wait.
    """

    def __init__(self) -> None:
        self.awaited: dict[Future[list[Wire]], Sent] = {}
        self._others: dict[Future[list[Wire]], Future[list[Wire]]] = {}  # a task's copy, and the copy's task
        self._copied: set[Key] = set()  # keys of tasks with a copy, and of copies
        self._left: list[Future[list[Wire]]] = []  # awaited no longer

    @property
    def left(self) -> list[Future[list[Wire]]]:
        """Tasks that are awaited no longer, and not done."""
        self._left = [future for future in self._left if future.status == "pending"]
        return self._left

    @property
    def uncopied(self) -> dict[Future[list[Wire]], Sent]:
        """Awaited tasks that may be copied. Whatever becomes of the copy, there is no second one."""
        return {future: sent for future, sent in self.awaited.items() if future.key not in self._copied}

    def add(self, future: Future[list[Wire]], sent: Sent, copy_of: Future[list[Wire]] | None = None) -> None:
        """Await a task, which may be the copy of another one."""
        self.awaited[future] = sent
        if copy_of is not None:
            self._others |= {future: copy_of, copy_of: future}
            self._copied |= {future.key, copy_of.key}

    def take(self, future: Future[list[Wire]]) -> tuple[Sent, Future[list[Wire]] | None]:
        """Return a task that is done, and its copy or what it is a copy of, if that is awaited, too."""
        other = self._others.pop(future, None)
        if other is not None:
            del self._others[other]
        return self.awaited.pop(future), other

    def leave(self, future: Future[list[Wire]]) -> None:
        """Await a task no longer, for its other one is done."""
        del self.awaited[future]
        self._left.append(future)


def copies(
    slow: Iterable[Future[list[Wire]]],
    has: Mapping[str, Sequence[Key]],
    threads: Mapping[str, int],
    graded: Mapping[str, int],
) -> Iterator[tuple[Future[list[Wire]], str]]:
    """Yield which of the slow tasks to copy, and to which worker: to one that has nothing to do, never to its own.

    ``has`` are the keys of the tasks that each worker has, ``threads`` how many a worker that may get a copy does at
    once, ``graded`` how many jobs each one has done. What grades little is slow: its tasks come first, and it is the
    last to get a copy.
    """
    at = {key: worker for worker, keys in has.items() for key in keys}
    free = {worker: number - len(has.get(worker, ())) for worker, number in threads.items()}
    pace = {worker: graded.get(worker, 0) / number for worker, number in threads.items()}
    known = [future for future in slow if future.key in at]
    for future in sorted(known, key=lambda one: pace.get(at[one.key], 0.0)):
        idle = [worker for worker, number in free.items() if number > 0 and worker != at[future.key]]
        if idle:
            fastest = max(idle, key=pace.__getitem__)
            free[fastest] -= 1
            yield future, fastest
