"""Run the jobs of a class on the workers of a Dask cluster."""

from __future__ import annotations

import itertools
import math
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from grader.cluster import on_worker, wire
from grader.cluster.course_copy import CourseCopy
from grader.cluster.on_the_way import OnTheWay, Sent, copies
from grader.cluster.on_worker import Reply
from grader.cluster.pace import Pace
from grader.cluster.suspects import Failure, Suspects
from grader.cluster.wire import Wire
from grader.errors import IntakeRefused, UsageError
from grader.running.jobs import Job, JobOutcome
from grader.running.pool_protocol import Finished

if TYPE_CHECKING:
    from distributed import Client, Future

_LOOK_SECONDS = 1.0  # between two looks at which workers there are
_PATIENCE_SECONDS = 120.0  # without any worker that can grade, or without the scheduler
_END_SECONDS = 10.0  # for the workers to end their processes; a machine that was stopped never says that it did
_NEVER = -math.inf
_FAILED = (on_worker.FAILED, on_worker.DIED)
_LOST = "the workers that graded it were lost twice"


class ClusterPool:
    """A pool whose processes are those of a cluster's workers. Use it in a ``with``, which ends them.

    At most ``most`` jobs are done at once; if None, as many as the workers can do, also those that come later. ``tell``
    gets sentences for whoever waits: which workers cannot grade, and that none is there.
    """

    def __init__(self, client: Client, course: CourseCopy, most: int | None, tell: Callable[[str], None]) -> None:
        self._client = client
        self._course = course
        self._most = math.inf if most is None else most
        self._tell = tell
        self._run = secrets.token_hex(8)
        self._numbers = itertools.count()
        self._unfit = dict[str, str]()
        self._suspects = Suspects()
        self._looked, self._threads = _NEVER, dict[str, int]()
        self._pace = Pace()
        self._way = OnTheWay()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, tasks: Sequence[Job]) -> Iterator[Finished[Job, JobOutcome]]:
        """Yield each job once, as it finishes (see `Pool.run`).

        Raises:
            UsageError: no worker of the cluster can grade these jobs, or the scheduler is gone.
        """
        lost = list[Job]()
        yield from self._finished(tasks, lost)
        for job in lost:  # one of them may be what ends workers
            again = list[Job]()
            yield from self._finished([job], again, alone=True)
            yield from (Finished(one, None, _LOST, died=True) for one in again)

    def close(self) -> None:
        """End the processes on the workers, even in the middle of a task. The workers stay."""
        if self._client.status == "running":
            self._client.cancel([*self._way.awaited, *self._way.unwanted])
            with suppress(TimeoutError):
                self._client.sync(
                    self._client.run, on_worker.end, self._run, on_error="ignore", callback_timeout=_END_SECONDS
                )

    def _finished(
        self, tasks: Sequence[Job], lost: list[Job], *, alone: bool = False
    ) -> Iterator[Finished[Job, JobOutcome]]:
        """Yield jobs as they finish; those whose worker was lost go to ``lost``. One that is ``alone`` gets no copy."""
        waiting, way = deque(tasks), self._way
        while waiting or way.awaited:
            threads = self._capacity()
            while waiting and len(way.awaited) < min(self._most - len(way.unwanted), self._pace.ahead() * threads):
                next_ones = [waiting.popleft() for _ in range(self._pace.together(len(waiting), threads))]
                yield from self._submit(next_ones)
            if not waiting and not alone:
                self._copy_what_takes_long(threads)
            for future in self._done():
                if future in way.awaited:  # the last of its jobs may have been done elsewhere just before
                    yield from self._arrived(future, waiting, lost)

    def _arrived(
        self, future: Future[list[Wire]], waiting: deque[Job], lost: list[Job]
    ) -> Iterator[Finished[Job, JobOutcome]]:
        """Yield the jobs of a task that is back. Where one failed that another task has, too, that one counts."""
        sent = self._way.back(future)
        replies = wire.replies_of(future, len(sent.jobs))
        for reply in {*replies}:
            self._mend(reply)
        for job, reply in zip(sent.jobs, replies, strict=True):
            if not self._way.lacks(job):
                continue
            if reply.kind == on_worker.DONE or not self._way.is_elsewhere(job):
                self._way.settle(job)
                yield from self._settled(job, reply, waiting, lost)
            elif reply.kind in _FAILED:
                self._suspects.note(job.name, Failure(reply.worker, reply.words))

    def _settled(
        self, job: Job, reply: Reply, waiting: deque[Job], lost: list[Job]
    ) -> Iterator[Finished[Job, JobOutcome]]:
        """Yield a job that is done; one that must be done again goes to ``waiting`` or ``lost``."""
        if reply.kind == on_worker.DONE:
            self._clear(job, reply)
            finished = wire.judged(job, reply)
            if finished.outcome and finished.outcome.record:
                self._pace.note(reply.worker, finished.outcome.record.seconds)
            yield finished
        elif reply.kind == wire.KILLED:
            lost.append(job)
        elif reply.kind in _FAILED and self._is_the_cause(job, reply):
            yield Finished(job, None, reply.words, died=reply.kind == on_worker.DIED)
        else:
            waiting.appendleft(job)

    def _copy_what_takes_long(self, threads: int) -> None:
        """Send copies of the jobs that take long to workers that have nothing to do, and have graded before."""
        now = time.monotonic()
        slow = [*self._way.slow(now, self._pace.is_long)]
        room = min(self._most, threads) - len(self._way.awaited) - len(self._way.unwanted)
        if not slow or room < 1:
            return
        try:
            has = self._client.processing()
        except OSError:  # the scheduler cannot be reached now
            return
        usual, left_out = self._pace.usual(), self._unfit.keys() | self._suspects.workers
        able = {one: number for one, number in self._threads.items() if one in usual and one not in left_out}
        for copy in itertools.islice(copies(slow, has, able, usual, now - self._pace.longest), int(room)):
            self._send(copy._replace(since=now))

    def _submit(self, jobs: Sequence[Job]) -> Iterator[Finished[Job, JobOutcome]]:
        """Send jobs as one task; yields those whose files are refused."""
        packed: list[tuple[Job, bytes]] = []
        for job in jobs:
            try:
                packed.append((job, wire.packed(job)))
            except IntakeRefused as refusal:
                yield Finished(job, JobOutcome(name=job.name, refused=str(refusal)))
        if packed:
            sent, texts = zip(*packed, strict=True)
            self._send(Sent(sent, texts, frozenset(self._fit()), time.monotonic()))

    def _send(self, sent: Sent) -> None:
        """Send a task to the workers."""
        future = self._client.submit(
            wire.grade,
            [*sent.texts],
            self._course.sha256,
            self._run,
            key=f"grade-{self._run}-{next(self._numbers)}",
            workers=[*sent.workers] or None,
            resources={"GPU": 1} if sent.jobs[0].device == "cuda" else None,
            pure=False,
        )
        self._way.add(future, sent)

    def _fit(self) -> set[str]:
        """Return the workers that a job may go to; empty for any. One on which a job failed is the last choice."""
        suspects = self._suspects.workers
        if not self._unfit and not suspects:
            return set()
        fit = self._threads.keys() - self._unfit.keys()
        return fit - suspects or fit

    def _done(self) -> list[Future[list[Wire]]]:
        """Wait until a task is done, or for a while; return those that are, or never will be."""
        from distributed import wait

        awaited = self._way.awaited
        with suppress(TimeoutError, CancelledError):
            wait([*awaited], timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED")
        for future, sent in awaited.items():
            if sent.workers and not sent.workers & self._threads.keys():
                future.cancel()  # all that it could go to have left
        return [future for future in awaited if future.status != "pending"]

    def _mend(self, reply: Reply) -> None:
        """Send the course to a worker that lacks it, or leave out a worker that cannot grade."""
        if reply.kind == on_worker.NO_COURSE:
            install = self._client.submit(on_worker.install, *self._course, workers=[reply.worker], pure=False)
            try:
                install.result(timeout=_PATIENCE_SECONDS)
            except Exception as error:  # noqa: BLE001 -- whatever one worker raises, the others go on
                self._leave_out(reply.worker, f"the course could not be kept there: {type(error).__name__}: {error}")
        elif reply.kind == on_worker.UNFIT:
            self._leave_out(reply.worker, reply.words)

    def _is_the_cause(self, job: Job, reply: Reply) -> bool:
        """Note that a job failed on a worker; return whether it would fail on any."""
        return self._suspects.failed(job.name, Failure(reply.worker, reply.words))

    def _clear(self, job: Job, reply: Reply) -> None:
        """Leave out the worker on which a job failed that another one has graded."""
        if failure := self._suspects.graded(job.name, reply.worker):
            self._leave_out(failure.worker, failure.why)

    def _leave_out(self, worker: str, why: str) -> None:
        if worker not in self._unfit:
            self._unfit[worker] = why
            self._looked = _NEVER
            self._tell(f"left out the worker {worker}: {why}")

    def _capacity(self) -> int:
        """Return how many tasks the workers that can grade do at once; waits until there is one.

        Raises:
            UsageError: all workers that there are cannot grade, or there is none for two minutes.
        """
        begun = time.monotonic()
        while not (threads := self._look()):
            reasons = [self._unfit[one] for one in self._threads if one in self._unfit]
            if reasons or time.monotonic() - begun > _PATIENCE_SECONDS:
                raise UsageError(_without_workers(reasons))
            time.sleep(_LOOK_SECONDS)
        return threads

    def _look(self) -> int:
        """Look which workers there are, at most once a second; return how many tasks they do at once."""
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            try:
                self._threads = self._client.nthreads()
            except OSError:  # the scheduler cannot be reached now
                self._threads = {}
            self._looked = time.monotonic()
        return sum(number for address, number in self._threads.items() if address not in self._unfit)


def _without_workers(reasons: Sequence[str]) -> str:
    if not reasons:
        return "the cluster has no worker, or its scheduler is gone; what is graded is kept: run the same command again"
    return f"no worker of the cluster can grade this class: {'; '.join(dict.fromkeys(reasons))}"
