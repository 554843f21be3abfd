"""Run one process of a pool: prepare it once, then do one task after another."""

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
_unprepared: list[str] = []  # the error of this process's preparation, if it failed


@dataclass(frozen=True, slots=True)
class Work(Generic[Task, Outcome]):
    """The work of a pool: each process calls ``prepare`` once, with the first task, then ``do`` for every task.

    Both must be functions at the top of a module, so that a process finds them by name. ``task`` and ``outcome`` are
    the types that travel as JSON. An error in either function becomes the fault of the tasks concerned. ``level``
    returns the sandbox level at which a task runs students' code.
    """

    task: type[Task]
    outcome: type[Outcome]
    prepare: Callable[[Task], None]
    do: Callable[[Task], Outcome]
    level: Callable[[Task], str]


def prepare(work: Work[Any, Any], first: bytes, environment: Mapping[str, str]) -> None:
    """Prepare this process.

    Keeps an error for the tasks to report: if raised here, it would end the pool, and nobody would learn why.
    """
    die_with_parent()  # a killed `grader` must not leave its processes, and their sandboxes, behind
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C and ends its processes in order
    os.environ.clear()
    os.environ.update(environment)
    try:
        work.prepare(msgspec.json.decode(first, type=work.task))
    except Exception as error:  # noqa: BLE001 -- any error here is the grader's
        _unprepared.append(_in_words(error))


def run(work: Work[Any, Any], task: bytes) -> tuple[bytes, str]:
    """Do one task, given as JSON; return its outcome as JSON, or why there is none. Never raises an exception."""
    if _unprepared:
        return b"", _unprepared[0]
    try:
        return msgspec.json.encode(work.do(msgspec.json.decode(task, type=work.task))), ""
    except Exception as error:  # noqa: BLE001 -- an error of the grader must not stop the class
        return b"", _in_words(error)


def _in_words(error: Exception) -> str:
    return str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
