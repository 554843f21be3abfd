"""How jobs go to a worker of a cluster and replies come back: as built-in types only."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

import msgspec

from grader.cluster import on_worker
from grader.cluster.on_worker import Reply
from grader.errors import UsageError
from grader.running import handed_in
from grader.running.jobs import Job, JobOutcome
from grader.running.pool_protocol import Finished

if TYPE_CHECKING:
    from distributed import Future

CUT, KILLED = "cut", "killed"  # of replies that never came

Wire = tuple[str, str, bytes, str]  # a `Reply`, as it travels


def packed(job: Job) -> bytes:
    """Return a job as it travels, with what was handed in; raises IntakeRefused."""
    content = handed_in.pack(job.take_in())
    return msgspec.json.encode(msgspec.structs.replace(job, course="", path=b"", pieces=(), handed_in=content))


def grade(texts: Sequence[bytes], course: str, run: str) -> list[Wire]:
    """Grade jobs, one after the other, on the worker that this runs on; only built-in types travel."""
    from distributed import get_worker

    worker = get_worker()
    replies = (on_worker.grade(text, course, run, worker.address, worker.state.nthreads) for text in texts)
    return [(reply.kind, reply.worker, reply.outcome, reply.words) for reply in replies]


def replies_of(future: Future[list[Wire]], jobs: int) -> list[Reply]:
    """Return what a worker replied to each of its jobs, or that its replies never came.

    Raises:
        UsageError: mlgrader is not installed on a worker.
    """
    from distributed import KilledWorker

    try:
        return [Reply(*wire) for wire in future.result()]
    except KilledWorker:  # several workers ended with it
        return [Reply(KILLED, "")] * jobs
    except ImportError as error:
        raise UsageError(f"a worker lacks mlgrader ({error}): install it there, see docs/cluster.md") from None
    except (CancelledError, OSError, TimeoutError):  # the network was cut, or the scheduler forgot it
        return [Reply(CUT, "")] * jobs


def judged(job: Job, reply: Reply) -> Finished[Job, JobOutcome]:
    """Return a job with the outcome that a worker replied."""
    try:
        return Finished(job, msgspec.json.decode(reply.outcome, type=JobOutcome))
    except msgspec.MsgspecError as error:
        return Finished(job, None, f"the outcome cannot be read: {error}")
