"""Students' files, loaded into a slot, and what calling them gives."""

import ast
import contextlib
import json
import struct
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.errors import CheckFailure
from grader.sandbox.calls import Answer, Calls, Remote
from grader.sandbox.levels import LEVELS
from grader.sandbox.slot import Slot
from grader.worker.limits import WorkerLimits

COURSE = Path(__file__).resolve().parents[2]
LIMITS = WorkerLimits(cpu_seconds=20, memory_bytes=300 << 20, processes=12, file_bytes=4 << 20, reply_bytes=4 << 20)
SHORT = 0.4  # seconds: a deadline that is meant to pass


def usable(level: str) -> None:
    """Skip the test where this machine does not have the level."""
    if reason := LEVELS[level].obstacle():
        pytest.skip(reason)


@dataclass
class Student:
    """A student's file, loaded."""

    calls: Calls
    found: dict[str, str]

    def answer(
        self, name: str | Remote, *args: Any, seconds: float = 10.0, seed: int = 0, echo: bool = False
    ) -> Answer:
        return self.calls.call(name, args, {}, seed=seed, seconds=seconds, echo=echo)

    def __call__(self, name: str | Remote, *args: Any, seconds: float = 10.0, seed: int = 0) -> Any:
        return self.answer(name, *args, seconds=seconds, seed=seed).value


@contextlib.contextmanager
def student(
    slot: Slot,
    source: str | bytes,
    files: Mapping[str, bytes] | None = None,
    *,
    module: str = "part.py",
    aliases: Mapping[str, list[str]] | None = None,
    limits: WorkerLimits = LIMITS,
    seconds: float = 10.0,
) -> Iterator[Student]:
    """Load ``source`` as ``module`` in a fresh worker, which ends with the block."""
    text = source if isinstance(source, bytes) else textwrap.dedent(source).encode()
    calls = Calls(slot, limits)
    try:
        names = aliases or dict.fromkeys(functions_in(text), ())
        found = calls.load({module: text} | dict(files or {}), module, names, seed=0, seconds=seconds)
        yield Student(calls, found.names)
    finally:
        calls.close()


def functions_in(text: bytes) -> list[str]:
    """The names of the functions in a file; none if it is not Python."""
    try:
        return [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    except (SyntaxError, ValueError):  # ValueError: NUL bytes, before Python 3.11.4
        return []


def fails(
    slot: Slot, source: str | bytes, *args: Any, limits: WorkerLimits = LIMITS, seconds: float = 10.0
) -> CheckFailure:
    """The failure that loading ``source`` and calling its ``f`` ends in."""
    with pytest.raises(CheckFailure) as caught, student(slot, source, limits=limits, seconds=seconds) as s:
        s("f", *args, seconds=seconds)
    return caught.value


def frame(header: Any, blob: bytes = b"") -> bytes:
    """The bytes of one message as a worker sends it."""
    text = json.dumps(header).encode()
    return struct.pack(">4sIQ", b"mlg1", len(text), len(blob)) + text + blob
