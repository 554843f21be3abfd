"""Remember which files this worker has run, and which of their statements failed.

So a traceback shows the student's own lines and cells, and the message about a missing name says why it is missing.
"""

from __future__ import annotations

import linecache
from dataclasses import dataclass

from .source_text import Source

_sources: dict[str, Source] = {}
_failed: dict[str, Failed] = {}


@dataclass(frozen=True, slots=True)
class Failed:
    """A statement at the top level that should have defined a name: what it raised, and where it stands, in words."""

    error: BaseException
    where: str


def remember(filename: str, source: Source) -> None:
    """Have tracebacks of code compiled under ``filename`` show the lines of ``source``."""
    _sources[filename] = source
    lines = [line + "\n" for line in source.text.split("\n")]
    # Without a time, so that linecache never looks for the file: a notebook's cells are in none.
    linecache.cache[filename] = (len(source.text), None, lines, filename)


def place_of(filename: str, line: int) -> tuple[int, int]:
    """Return the cell (0: none) and the line that a line of compiled code comes from."""
    source = _sources.get(filename)
    return source.place_of(line) if source else (0, line)


def remember_failure(name: str, error: BaseException, where: str) -> None:
    """Remember that ``name`` is not defined because a statement failed."""
    _failed[name] = Failed(error, where)


def failure_behind(name: str) -> Failed | None:
    """Return why ``name`` is not defined; None if no statement that should have defined it failed."""
    return _failed.get(name)
