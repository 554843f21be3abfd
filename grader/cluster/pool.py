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
from typing import TYPE_CHECKING, NamedTuple, Self

import msgspec

from grader.cluster import on_worker
from grader.cluster.course_copy import CourseCopy
from grader.cluster.on_worker import Reply
from grader.cluster.suspects import Failure, Suspects
from grader.errors import IntakeRefused, UsageError
from grader.running import handed_in
from grader.running.jobs import Job, JobOutcome
from grader.running.pool_protocol import Finished

if TYPE_CHECKING:
    from distributed import Client, Future

_LOOK_SECONDS = 1.0  # between two looks at which workers there are
_PATIENCE_SECONDS = 120.0  # without any worker that can grade, or without the scheduler
_SHORT_SECONDS = 1.0  # of a job; to send the next one only when it is done takes a hundredth of a second
_TASK_SECONDS = 0.5  # of jobs that are sent together; Dask itself needs about 0.006 s for a task
_LOST = "the workers that graded it were lost twice: run the same command again"
_CUT, _KILLED = "cut", "killed"  # of replies that never came

_Wire = tuple[str, str, bytes, str]  # a `Reply`, as it travels


class _Sent(NamedTuple):
    """Jobs on their way, to be done one after the other, and the workers that they may go to; any if empty."""

    jobs: tuple[Job, ...]
    workers: frozenset[str]


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
        self._looked, self._threads = 0.0, dict[str, int]()
        self._longest = 0.0  # seconds that a job of this run took; 0 until that is known

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
        yield from self._finished(tasks, lost, self._most)
        for job in lost:  # one of them may be what ends workers
            again = list[Job]()
            yield from self._finished([job], again, 1)
            yield from (Finished(one, None, _LOST) for one in again)

    def close(self) -> None:
        """End the processes on the workers, even in the middle of a task. The workers stay."""
        if self._client.status == "running":
            self._client.run(on_worker.end, self._run, on_error="ignore")

    def _finished(self, tasks: Sequence[Job], lost: list[Job], most: float) -> Iterator[Finished[Job, JobOutcome]]:
        """Yield jobs as they finish, never more than ``most`` at once; those whose worker was lost go to ``lost``."""
        waiting: deque[Job] = deque(tasks)
        running: dict[Future[list[_Wire]], _Sent] = {}
        while waiting or running:
            threads = self._capacity()
            while waiting and len(running) < min(most, self._ahead() * threads):
                next_ones = [waiting.popleft() for _ in range(self._together(len(waiting), threads))]
                yield from self._submit(next_ones, running)
            for future in self._done(running):
                jobs = running.pop(future).jobs
                replies = _replies(future, len(jobs))
                for reply in {*replies}:
                    self._mend(reply)
                for job, reply in zip(jobs, replies, strict=True):
                    yield from self._settled(job, reply, waiting, lost)

    def _settled(
        self, job: Job, reply: Reply, waiting: deque[Job], lost: list[Job]
    ) -> Iterator[Finished[Job, JobOutcome]]:
        """Yield a job that is done; one that must be done again goes to ``waiting`` or ``lost``."""
        if reply.kind == on_worker.DONE:
            self._clear(job, reply)
            finished = _judged(job, reply)
            self._learn(finished)
            yield finished
        elif reply.kind == _KILLED:
            lost.append(job)
        elif reply.kind == on_worker.FAILED and self._is_the_cause(job, reply):
            yield Finished(job, None, reply.words)
        else:
            waiting.appendleft(job)

    def _ahead(self) -> int:
        """Return how many tasks each thread of the workers has: if all jobs are short, the next is there already.

        Otherwise none has to wait behind a long one while another worker is idle, as at the end of a class.
        """
        return 2 if 0 < self._longest < _SHORT_SECONDS else 1

    def _together(self, left: int, threads: int) -> int:
        """Return how many of the jobs left are sent as one task: more than one while all are short and many are left.

        Nobody can do those of a task that wait behind a long one, so there are fewer and fewer towards the end.
        """
        short = _TASK_SECONDS / self._longest if self._longest else 1
        return max(1, int(min(short, left / (4 * threads))))

    def _learn(self, finished: Finished[Job, JobOutcome]) -> None:
        """Note how long a job took."""
        if finished.outcome and finished.outcome.record:
            self._longest = max(self._longest, finished.outcome.record.seconds)

    def _submit(
        self, jobs: Sequence[Job], running: dict[Future[list[_Wire]], _Sent]
    ) -> Iterator[Finished[Job, JobOutcome]]:
        """Send jobs as one task, which is ``running`` from then on; yields those whose files are refused."""
        packed: list[tuple[Job, bytes]] = []
        for job in jobs:
            try:
                packed.append((job, _packed(job)))
            except IntakeRefused as refusal:
                yield Finished(job, JobOutcome(name=job.name, refused=str(refusal)))
        if not packed:
            return
        fit = self._fit()
        future = self._client.submit(
            _grade,
            [text for _, text in packed],
            self._course.sha256,
            self._run,
            key=f"grade-{self._run}-{next(self._numbers)}",
            workers=[*fit] or None,
            resources={"GPU": 1} if jobs[0].device == "cuda" else None,
            pure=False,
        )
        running[future] = _Sent(tuple(job for job, _ in packed), frozenset(fit))

    def _fit(self) -> set[str]:
        """Return the workers that a job may go to; empty for any. One on which a job failed is the last choice."""
        suspects = self._suspects.workers
        if not self._unfit and not suspects:
            return set()
        fit = self._threads.keys() - self._unfit.keys()
        return fit - suspects or fit

    def _done(self, running: dict[Future[list[_Wire]], _Sent]) -> list[Future[list[_Wire]]]:
        """Wait until a task is done, or for a while; return those that are, or never will be."""
        from distributed import wait

        with suppress(TimeoutError, CancelledError):
            wait([*running], timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED")
        for future, sent in running.items():
            if sent.workers and not sent.workers & self._threads.keys():
                future.cancel()  # all that it could go to have left
        return [future for future in running if future.status != "pending"]

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
            self._looked = 0.0
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


def _packed(job: Job) -> bytes:
    """Return a job as it travels, with what was handed in; raises IntakeRefused."""
    content = handed_in.pack(job.take_in())
    return msgspec.json.encode(msgspec.structs.replace(job, course="", path=b"", pieces=(), handed_in=content))


def _grade(texts: Sequence[bytes], course: str, run: str) -> list[_Wire]:
    """Grade jobs, one after the other, on the worker that this runs on; only built-in types travel."""
    from distributed import get_worker

    worker = get_worker()
    replies = (on_worker.grade(text, course, run, worker.address, worker.state.nthreads) for text in texts)
    return [(reply.kind, reply.worker, reply.outcome, reply.words) for reply in replies]


def _replies(future: Future[list[_Wire]], jobs: int) -> list[Reply]:
    """Return what a worker replied to each of its jobs, or that its replies never came.

    Raises:
        UsageError: mlgrader is not installed on a worker.
    """
    from distributed import KilledWorker

    try:
        return [Reply(*wire) for wire in future.result()]
    except KilledWorker:  # several workers ended with it
        return [Reply(_KILLED, "")] * jobs
    except ImportError as error:
        raise UsageError(f"a worker lacks mlgrader ({error}): install it there, see docs/cluster.md") from None
    except (CancelledError, OSError, TimeoutError):  # the network was cut, or the scheduler forgot it
        return [Reply(_CUT, "")] * jobs


def _judged(job: Job, reply: Reply) -> Finished[Job, JobOutcome]:
    try:
        return Finished(job, msgspec.json.decode(reply.outcome, type=JobOutcome))
    except msgspec.MsgspecError as error:
        return Finished(job, None, f"the outcome cannot be read: {error}")


def _without_workers(reasons: Sequence[str]) -> str:
    if not reasons:
        return "the cluster has no worker, or its scheduler is gone; what is graded is kept: run the same command again"
    return f"no worker of the cluster can grade this class: {'; '.join(dict.fromkeys(reasons))}"
