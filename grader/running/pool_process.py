"""A process of a pool: prepared once, then one task after another."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from grader.errors import HarnessError
from grader.worker.process_table import die_with_parent

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")
_unprepared: list[str] = []  # why this process cannot do its work: what its preparation ended with


@dataclass(frozen=True, slots=True)
class Work(Generic[Task, Outcome]):
    """What the processes of a pool do: ``prepare`` once in each, with the first task, then ``do`` for every task.

    Both are functions of a module, which each process finds by name. ``task`` and ``outcome`` are the types that
    travel, as JSON. What either function raises is told as the fault of the tasks it concerns. ``level`` tells the
    sandbox level at which a task runs students' code.
    """

    task: type[Task]
    outcome: type[Outcome]
    prepare: Callable[[Task], None]
    do: Callable[[Task], Outcome]
    level: Callable[[Task], str]


def prepare(work: Work[Any, Any], first: bytes, environment: Mapping[str, str]) -> None:
    """Make this process ready.

    What fails here is kept for the tasks to report: raised, it would end the pool, and nobody would learn why.
    """
    die_with_parent()  # a killed `grader` must not leave its processes, and their sandboxes, behind
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle, in order
    os.environ.clear()
    os.environ.update(environment)
    try:
        work.prepare(msgspec.json.decode(first, type=work.task))
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is ours
        _unprepared.append(_in_words(error))


def run(work: Work[Any, Any], task: bytes) -> tuple[bytes, str]:
    """Do one task, JSON in; return its outcome as JSON, or why there is none. Never raises an exception."""
    if _unprepared:
        return b"", _unprepared[0]
    try:
        return msgspec.json.encode(work.do(msgspec.json.decode(task, type=work.task))), ""
    except Exception as error:  # noqa: BLE001 -- a fault of ours must not stop the class
        return b"", _in_words(error)


def _in_words(error: Exception) -> str:
    return str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
