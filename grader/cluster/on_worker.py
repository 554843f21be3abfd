"""What a worker of a cluster does: it grades one submission after another with processes and slots of its own.

Only JSON and bytes come and go. A task's process is not the worker's: whatever a submission does to it, the worker
lives on. Each thread of a worker keeps the process of its run warm.
"""

from __future__ import annotations

import functools
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import msgspec

from grader.cluster import course_copy
from grader.cluster.course_copy import CourseCopy
from grader.course.catalog import Course
from grader.running import devices
from grader.running.grading_process import GRADING
from grader.running.jobs import Job, JobOutcome
from grader.running.pool import ProcessPool
from grader.sandbox.levels import LEVELS
from grader.verification.engine import grader_version

DONE, UNFIT, FAILED, DIED, NO_COURSE = "done", "unfit", "failed", "died", "no course"
_IDLE_SECONDS = 600.0  # after which the processes of a run that ended without a word are ended


class Reply(NamedTuple):
    """What became of a task: ``outcome`` is JSON; ``words`` say why there is none.

    One that ended its process twice ``DIED``.
    """

    kind: str
    worker: str
    outcome: bytes = b""
    words: str = ""


class _Kept(NamedTuple):
    """The processes of one thread of a worker for one run."""

    pool: ProcessPool[Job, JobOutcome]
    used: float


_kept: dict[tuple[str, int], _Kept] = {}  # by run and thread
_lock = threading.Lock()


def grade(text: bytes, course: str, run: str, address: str, threads: int) -> Reply:
    """Grade one submission, a `Job` as JSON, with the copy of the course that has the hash ``course``.

    ``run`` names the client's run, ``address`` this worker; ``threads`` is how many tasks a worker does at once.
    Never raises an exception: a worker that fails, for want of memory or space, or because of this job, says why.
    """
    try:
        return _graded(text, course, run, address, threads)
    except Exception as error:  # noqa: BLE001 -- the client finds out whether it is the machine or the job
        return Reply(FAILED, address, words=f"{type(error).__name__}: {error}")


def _graded(text: bytes, course: str, run: str, address: str, threads: int) -> Reply:
    job = msgspec.json.decode(text, type=Job)
    if why := unfit(job.grader_version, job.sandbox, job.device):
        return Reply(UNFIT, address, words=why)
    root = course_copy.installed(course)
    if root is None:
        return Reply(NO_COURSE, address)
    if why := _data_lacking(root, job.real):
        return Reply(UNFIT, address, words=why)
    share = max(1, len(os.sched_getaffinity(0)) // threads)
    job = msgspec.structs.replace(job, course=str(root), threads=share)
    ((_, outcome, fault, died),) = _pool_of(run, threads).run([job])
    if outcome is None:
        return Reply(DIED if died else FAILED, address, words=fault)
    return Reply(DONE, address, msgspec.json.encode(outcome))


@functools.cache
def unfit(version: str, sandbox: str, device: str) -> str:
    """Return why this worker cannot grade such jobs as their client would; empty if it can."""
    if grader_version() != version:
        return "it has another version of mlgrader, Python or PyTorch than the machine that the class is on"
    if obstacle := LEVELS[sandbox].obstacle():
        return f"it has no sandbox of the level {sandbox}: {obstacle}"
    if device == "cuda" and not devices.gpus():
        return "it has no NVIDIA GPU"
    return ""


@functools.cache
def _data_lacking(root: Path, real: tuple[str, ...]) -> str:
    """Return which real data set is not on this machine, and what to do; empty if all are."""
    datasets = Course(root).datasets
    lacking = [name for name in real if datasets.find(name) is None]
    return f"it lacks {', '.join(lacking)}: fetch it there, or set GRADER_DATA for the worker" if lacking else ""


def install(sha256: str, content: bytes) -> None:
    """Keep a copy of a course on this machine."""
    course_copy.install(CourseCopy(sha256, content))


def end(run: str) -> None:
    """End the processes of a run on this worker, even in the middle of a task."""
    with _lock:
        ended = [_kept.pop(key) for key in [*_kept] if key[0] == run]
    with ThreadPoolExecutor() as threads:
        list(threads.map(lambda one: one.pool.close(), ended))


def _pool_of(run: str, threads: int) -> ProcessPool[Job, JobOutcome]:
    """Return the pool of this thread, one of ``threads``, for a run; ends pools that nobody has used for long."""
    key, now = (run, threading.get_ident()), time.monotonic()
    with _lock:
        pool = _kept[key].pool if key in _kept else ProcessPool(GRADING, 1, beside=threads - 1)
        _kept[key] = _Kept(pool, now)
        old = [_kept.pop(other) for other, kept in [*_kept.items()] if now - kept.used > _IDLE_SECONDS]
    for one in old:
        one.pool.close()
    return pool
