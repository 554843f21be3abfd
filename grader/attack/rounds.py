"""Run the suite on several processes, each with an arena of its own."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from grader.attack.arena import Arena, AttackOutcome, arena
from grader.attack.suite import Attack, attacks
from grader.course.catalog import Course
from grader.running.pool import ProcessPool
from grader.running.pool_process import Work

_stack = ExitStack()  # closed when the process ends


class _Round(msgspec.Struct, frozen=True):
    """One attack, as it travels to a process; all of a pool are of one course and level."""

    course: str
    level: str
    attack: str


class _Result(msgspec.Struct, frozen=True):
    """What came of it."""

    harm: tuple[str, ...]
    surprises: tuple[str, ...]


def fight(course: Course, level: str, suite: Sequence[Attack], processes: int | None = None) -> Iterator[AttackOutcome]:
    """Run every attack and yield its outcome, in the order they finish; by default one process for each core.

    An attack that kills the process that grades it interrupts others too: each of those is run again by itself.
    """
    rounds = {_Round(str(course.root), level, attack.name): attack for attack in suite}
    with ProcessPool(_ATTACKING, processes or len(os.sched_getaffinity(0))) as pool:
        for each, result, fault, _ in pool.run(list(rounds)):
            harm, surprises = (result.harm, result.surprises) if result else ((fault,), ())
            yield AttackOutcome(rounds[each], harm, surprises)


def _load(_: _Round) -> None:
    import torch

    torch.set_num_threads(1)


@functools.cache
def _ring(course: str, level: str) -> tuple[Arena, dict[str, Attack]]:
    """Return the arena of this process, and the suite by name."""
    here = Course(Path(course))
    return _stack.enter_context(arena(here, level)), {attack.name: attack for attack in attacks(here)}


def _leave() -> None:
    _stack.close()


def _run(one: _Round) -> _Result:
    ring, suite = _ring(one.course, one.level)
    outcome = ring.run(suite[one.attack])
    return _Result(_as_text(outcome.harm), _as_text(outcome.surprises))


def _as_text(words: Sequence[str]) -> tuple[str, ...]:
    """Write out what JSON cannot hold: hostile names and words may have lone surrogates."""
    return tuple(each.encode(errors="backslashreplace").decode() for each in words)


_ATTACKING = Work(task=_Round, outcome=_Result, do=_run, load=_load, leave=_leave)
