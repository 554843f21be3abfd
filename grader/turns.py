"""What a check asked of a student's code while it was its turn, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Question(NamedTuple):
    """What a check asks of a student's code."""

    entry_point: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call a check made, and how it ended. Of a value that stayed in the worker: it is the first argument."""

    entry_point: str  # empty: the call of a Remote; ".name": not a call, but its attribute of that name
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    seed: int
    outcome: Any  # the value, or the CheckFailure it raised
    seconds: float


@dataclass(slots=True)
class Turn:
    """The check that is speaking now: its name (for seeds), the wall clock of its calls, the calls so far."""

    check: str
    call_seconds: float
    calls: list[Call] = field(default_factory=list)
    count: int = 0
