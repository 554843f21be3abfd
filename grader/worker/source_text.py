"""Read a file of the submission as Python source: a script, or the code cells of a notebook.

Here a student's text is only read, never run. What is code is told by content: a notebook may be saved as ``.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .decoding import Unreadable, decoded
from .magics import Line, has_exported_magics, python_lines
from .notebooks import Cell, code_cells, looks_like_notebook
from .parsing import MAX_TEXT, other_python, parsed

__all__ = ["Source", "Unreadable", "read"]

_IS_SCRIPT = re.compile(r"\.pyw?(\.txt)?$", re.IGNORECASE)
_FUTURE = re.compile(r"^from\s+__future__\s+import\s+\w+(\s*,\s*\w+)*\s*$")
_MOST_CELLS_TOLD = 5  # notices about cells that were left out


@dataclass(frozen=True, slots=True)
class Source:
    """The Python source of one file, by its path in the submission.

    ``places`` has for every line of ``text`` the cell (counted from 1 over all cells; 0: the file has no cells) and the
    line it comes from; it is empty if the lines are the file's own. ``notices`` are sentences for the student.
    """

    path: str
    text: str
    places: tuple[tuple[int, int], ...] = ()
    notices: tuple[str, ...] = ()

    def place_of(self, line: int) -> tuple[int, int]:
        """Return the cell of a line of ``text`` (0: the file has no cells), and the line in that cell or file."""
        if not self.places:
            return 0, line
        return self.places[min(max(line, 1), len(self.places)) - 1]


def read(path: str, content: bytes) -> Source | None:
    """Return the source of a file; None if it is not code.

    A script with a mistake in its syntax is returned as it is: running it raises the SyntaxError. A cell with one is
    left out, with a notice.

    Raises:
        Unreadable: a sentence says why: a broken notebook, no text, Python 2, syntax newer than ours.
    """
    if looks_like_notebook(path, content):
        return _from_notebook(path, content)
    return _from_script(path, content) if _IS_SCRIPT.search(path) else None


def _from_script(path: str, content: bytes) -> Source:
    text, notices = decoded(path, content)
    if len(text) > MAX_TEXT:  # too large to be looked through; it may still run
        return Source(path, text, notices=notices)
    lines = [(line, number) for number, line in enumerate(text.split("\n"), start=1)]
    try:
        python, tidied = _tidied(text)
    except SyntaxError as error:
        if reason := other_python(error, text):
            raise Unreadable(f"{path} {reason}.") from None
        return Source(path, text, notices=notices)
    if tidied == lines:
        return Source(path, text, notices=notices)
    return Source(path, python, tuple((0, number) for _, number in tidied), notices)


def _tidied(text: str) -> tuple[str, list[Line]]:
    """Return Python source without magics, as text and as lines; raises SyntaxError if it is not valid even then.

    The error is that of the text without magics, with its line in ``text``.
    """
    lines = [(line, number) for number, line in enumerate(text.split("\n"), start=1)]
    if not has_exported_magics(text):
        try:
            parsed(text)
        except SyntaxError as error:
            if len(text) > MAX_TEXT:
                raise
            first = error
        else:
            return text, lines
    else:
        first = None
    tidied = python_lines(text)
    python = "\n".join(line for line, _ in tidied)
    try:
        parsed(python)
    except SyntaxError as error:
        if error.lineno:
            error.lineno = tidied[min(error.lineno, len(tidied)) - 1][1]
        raise error from first
    return python, tidied


def _from_notebook(path: str, content: bytes) -> Source:
    cells, notices = code_cells(path, content)
    texts: list[str] = []
    places: list[tuple[int, int]] = []
    left_out: list[str] = []
    for cell in cells:
        try:
            _, lines = _tidied(cell.text)
        except SyntaxError as error:
            left_out.append(_left_out(path, cell, error))
            continue
        texts += [line for line, _ in lines]
        places += [(cell.number, number) for _, number in lines]
    if sum(map(len, texts)) + len(texts) > MAX_TEXT:
        raise Unreadable(f"{path} has more than {MAX_TEXT >> 20} MB of code, which is too much to read.")
    texts, places = _futures_first(texts, places)
    return Source(path, "\n".join(texts), tuple(places), (*notices, *_at_most(left_out)))


def _left_out(path: str, cell: Cell, error: SyntaxError) -> str:
    where = f"Cell {cell.number} of {path}"
    if reason := other_python(error, cell.text):
        return f"{where} {reason}. It was left out."
    return f"{where} is not valid Python (line {error.lineno or 1}: {error.msg}) and was left out."


def _at_most(left_out: list[str]) -> Iterable[str]:
    yield from left_out[:_MOST_CELLS_TOLD]
    more = len(left_out) - _MOST_CELLS_TOLD
    if more > 0:
        yield f"{more} more cells are not valid Python and were left out."


def _futures_first(texts: list[str], places: list[tuple[int, int]]) -> tuple[list[str], list[tuple[int, int]]]:
    """Move ``from __future__`` lines to the top, where Python wants them: in a notebook each cell has its own top."""
    future = [place for place, line in enumerate(texts) if line.startswith("from __future__") and _FUTURE.match(line)]
    if not future:
        return texts, places
    first = [texts[place] for place in future]
    rest = ["" if place in set(future) else line for place, line in enumerate(texts)]
    return first + rest, [places[place] for place in future] + places
