"""Record the calls that a check makes of a student's code, and how each ended."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# Of a submission's answers that are remembered, to compare them with what known mistakes give, and of what was asked.
_MOST_BYTES = 320 << 20
_ITEM = 32  # bytes of a number in a list
_TENSOR = 600  # bytes of a tensor without its elements
_NUMBERS = (int, float, bool, type(None))


class Forgotten:
    """Stands for an answer, or for arguments, that were too large to keep."""


class CallRequest(NamedTuple):
    """One call that a check wants: of an entry point, with arguments and a seed.

    With ``echo`` the check also wants to know what the call made of its positional arguments.
    """

    entry_point: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    seed: int
    echo: bool = False

    def ended(self, outcome: Any, seconds: float) -> Call:
        """Return the call, with how it ended and the seconds it took."""
        return Call(self.entry_point, self.args, self.kwargs, self.seed, outcome, seconds, self.echo)


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call that a check made, and how it ended. A value that stayed in the worker is the first argument.

    The outcome is the value, or the CheckFailure it raised. With ``echo`` it is a pair with the arguments, and for each
    of the ``files`` that the check read afterwards a pair with its bytes.
    """

    entry_point: str  # empty: the call of a Remote; ".name": no call, but its attribute; "=NAME": a constant
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    seed: int
    outcome: Any
    seconds: float
    echo: bool = False
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class CheckInProgress:
    """The check that runs now: its name (for seeds), the seconds that each call may take, its calls so far.

    ``received`` is how many bytes it was given: it may hold all its answers until it ends.
    """

    check: str
    call_seconds: float
    calls: list[Call] = field(default_factory=list)
    count: int = 0
    received: int = 0


def size_of(value: Any) -> int:
    """Return about how many bytes a value takes."""
    return sum(pieces_of(value).values())


def pieces_of(*values: Any) -> dict[int, int]:
    """Return the bytes of each piece of some values, by its address; all views of one tensor are one piece."""
    pieces: dict[int, int] = {}
    waiting = [*values]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, tuple, dict)):
            items = [*one.keys(), *one.values()] if isinstance(one, dict) else one
            pieces[id(one)] = _ITEM * len(items)
            waiting += [item for item in items if type(item) not in _NUMBERS]
        elif hasattr(one, "untyped_storage"):
            storage = one.untyped_storage()
            pieces[id(one)] = _TENSOR
            if storage.nbytes():
                pieces[storage.data_ptr()] = storage.nbytes()
        elif hasattr(one, "memory_usage"):  # a table of pandas
            pieces[id(one)] = int(one.memory_usage(deep=True).sum())
        elif isinstance(one, str):
            pieces[id(one)] = sys.getsizeof(one)  # one rare character makes all of a text four times as large
        else:
            pieces[id(one)] = len(one) if isinstance(one, bytes) else int(getattr(one, "nbytes", 0))
    return pieces


def of_file(content: bytes | None) -> bytes | None:
    """Return what is compared of a file: its bytes; of a PDF, which tells when it was made, only that it is one."""
    return content[:4] if content and content.startswith(b"%PDF") else content


class Memory:
    """How many bytes of one submission's answers and of their arguments may still be kept, for all its parts together.

    Questions are often about the same tensors: what is remembered already takes no more room.
    """

    def __init__(self) -> None:
        self._left = _MOST_BYTES
        self._known: set[int] = set()

    def kept(self, value: Any) -> Any:
        """Return the value, or Forgotten if it does not fit."""
        return value if self.has_room_for(value) else Forgotten()

    def has_room_for(self, *values: Any) -> bool:
        """Return whether some values fit, and count them if they do."""
        new = {place: size for place, size in pieces_of(*values).items() if place not in self._known}
        if sum(new.values()) > self._left:
            return False
        self._left -= sum(new.values())
        self._known.update(new)
        return True
