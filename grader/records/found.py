"""Places in what a student handed in: where functions were found, which lines were not run, where code stopped."""

from __future__ import annotations

import msgspec


class FoundRecord(msgspec.Struct, frozen=True):
    """One function that was found: what the checks call it, and where the student wrote it.

    ``entry_point`` is its name in the reference, ``name`` the student's own. ``line`` counts from 1 in ``file``, or in
    its ``cell`` if that is a notebook (also from 1); 0 where it is not known.
    """

    entry_point: str
    name: str
    file: str
    cell: int = 0
    line: int = 0


class NotRunRecord(msgspec.Struct, frozen=True):
    """Lines ``first`` to ``last`` of a file or of one of its cells that were not run, and ``why``, in a sentence.

    ``first`` is 0 if the whole file could not be read.
    """

    file: str
    first: int
    last: int
    cell: int = 0
    why: str = ""


class StoppedAt(msgspec.Struct, frozen=True):
    """The student's own lines around the ``line`` where their code stopped.

    Lines and ``cell`` are counted as in `FoundRecord`. ``lines`` begin with the one that has the number ``first``.
    """

    file: str
    line: int
    first: int
    lines: tuple[str, ...]
    cell: int = 0
