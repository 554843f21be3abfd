"""What a check asked of a student's code while it was its turn, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

_MOST_BYTES = 512 << 20  # of one part's answers that are remembered, to compare them with what known mistakes give


class Forgotten:
    """Stands for an answer that was too large to remember."""


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


def size_of(value: Any) -> int:
    """How many bytes the tensors and arrays of a value take."""
    if isinstance(value, dict):
        value = list(value.values())
    return sum(map(size_of, value)) if isinstance(value, (list, tuple)) else int(getattr(value, "nbytes", 0))


class Memory:
    """How much of one part's answers may still be remembered."""

    def __init__(self) -> None:
        self._left = _MOST_BYTES

    def kept(self, value: Any) -> Any:
        """The value, or Forgotten where it does not fit."""
        size = size_of(value)
        if size > self._left:
            return Forgotten()
        self._left -= size
        return value
