"""The answers to one question in a line, as they are marked one after another: pure functions, no database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What is marked at once: one answer, or several that are nearly identical; the codes of their students."""

    codes: tuple[str, ...]

    @property
    def first(self) -> str:
        """The code that stands for all of them."""
        return self.codes[0]


def entries(groups: Iterable[Sequence[str]], apart: Collection[str]) -> list[Entry]:
    """Return the line: each group is an entry, without those of it that are marked ``apart``, which come after it."""
    line = list[Entry]()
    for group in groups:
        together = tuple(code for code in group if code not in apart)
        if together:
            line.append(Entry(together))
        line += [Entry((code,)) for code in group if code in apart]
    return line


def place_of(line: Sequence[Entry], code: str) -> int | None:
    """Return where in the line a student's answer is; None if they have none."""
    return next((place for place, entry in enumerate(line) if code in entry.codes), None)


def next_where(line: Sequence[Entry], place: int, wanted: Callable[[Entry], bool]) -> Entry | None:
    """Return the next entry after ``place`` that is ``wanted``, going on from the beginning after the end.

    The entry at ``place`` itself comes last; None if none is wanted.
    """
    turned = [*line[place + 1 :], *line[: place + 1]]
    return next(filter(wanted, turned), None)
