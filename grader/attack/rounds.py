"""Run the suite on several processes, each with an arena of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack

from grader.attack.arena import Arena, AttackOutcome, arena
from grader.attack.suite import Attack
from grader.course.catalog import Course
from grader.running.pool import end_pool
from grader.worker.process_table import die_with_parent

_ENDED = "the process that graded it ended"
_stack = ExitStack()
_ring: Arena


def fight(course: Course, level: str, suite: Sequence[Attack]) -> Iterator[AttackOutcome]:
    """Run every attack, one process per core, and yield the outcomes in the order they finish.

    An attack that kills the process that grades it interrupts others too: each of those is run again by itself.
    """
    lost = []
    for attack, outcome in _outcomes(course, level, suite, jobs=len(os.sched_getaffinity(0))):
        if outcome is None:
            lost.append(attack)
        else:
            yield outcome
    for attack in lost:
        _, outcome = next(_outcomes(course, level, [attack], jobs=1))
        yield outcome or AttackOutcome(attack, harm=(_ENDED,))


def _outcomes(
    course: Course, level: str, suite: Sequence[Attack], jobs: int
) -> Iterator[tuple[Attack, AttackOutcome | None]]:
    """Yield each attack with its outcome; None if its process died."""
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=spawn, initializer=_enter, initargs=(course, level))
    try:
        waiting: dict[Future[AttackOutcome], Attack] = {pool.submit(_run, attack): attack for attack in suite}
        for future in as_completed(waiting):
            try:
                yield waiting[future], future.result()
            except BrokenProcessPool:
                yield waiting[future], None
    finally:
        end_pool(pool)


def _enter(course: Course, level: str) -> None:
    global _ring  # noqa: PLW0603 -- one for each process of the pool
    import torch  # noqa: PLC0415

    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    torch.set_num_threads(1)
    _ring = _stack.enter_context(arena(course, level))
    signal.signal(signal.SIGTERM, lambda *_: _leave())


def _leave() -> None:
    _stack.close()
    os._exit(0)


def _run(attack: Attack) -> AttackOutcome:
    return _ring.run(attack)
