"""Turn a matrix of evidence into three tables that can be read side by side: expected, yours, difference.

A large matrix is cut to a window around its first differing cell; row and column numbers stay the true ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from grader.records.record import MatrixEvidence
from grader.reports.wording import number

WINDOW = 12  # rows and columns that still fit on a page

Values = Sequence[Sequence[float | str]]


class MatrixCell(NamedTuple):
    """The text of one cell, and whether its value is outside the tolerance."""

    text: str
    differs: bool


class MatrixRow(NamedTuple):
    """One table row and its 0-based number in the whole matrix."""

    number: int
    cells: tuple[MatrixCell, ...]


class Grid(NamedTuple):
    """One table: caption, 0-based column indices, rows."""

    caption: str
    columns: tuple[int, ...]
    rows: tuple[MatrixRow, ...]


class Drawing(NamedTuple):
    """One piece of evidence ready to draw; ``note`` says which part is shown, and is empty if all of it is."""

    name: str
    summary: str
    note: str
    grids: tuple[Grid, ...]


def draw(evidence: MatrixEvidence) -> Drawing:
    """Lay out one matrix of evidence as three tables."""
    height = max(len(evidence.expected), len(evidence.actual))
    width = max((len(row) for row in (*evidence.expected, *evidence.actual)), default=0)
    marked = [(r, c) for r, row in enumerate(evidence.differs) for c, differs in enumerate(row) if differs]
    first_row, first_column = marked[0] if marked else (0, 0)
    rows, columns = _window(height, first_row), _window(width, first_column)
    cut = len(rows) < height or len(columns) < width
    return Drawing(
        name=evidence.name,
        summary=f"{len(marked)} of {height * width} cells differ",
        note=f"Rows {_span(rows)} and columns {_span(columns)} of {height} by {width}." if cut else "",
        grids=_grids(evidence, frozenset(marked), rows, columns),
    )


def _grids(
    evidence: MatrixEvidence, marked: frozenset[tuple[int, int]], rows: range, columns: range
) -> tuple[Grid, ...]:
    def grid(caption: str, values: Values, marks: frozenset[tuple[int, int]]) -> Grid:
        body = (
            MatrixRow(r, tuple(MatrixCell(number(_at(values, r, c)), (r, c) in marks) for c in columns)) for r in rows
        )
        return Grid(caption, tuple(columns), tuple(body))

    difference = [
        [_difference(_at(evidence.expected, r, c), _at(evidence.actual, r, c)) for c in range(columns.stop)]
        for r in range(rows.stop)
    ]
    # "expected" has no marks, because it is right.
    return (
        grid("expected", evidence.expected, frozenset()),
        grid("yours", evidence.actual, marked),
        grid("difference", difference, marked),
    )


def _difference(expected: float | str, actual: float | str) -> str:
    """Write yours minus expected with its sign; nothing if one of them is not a number."""
    if isinstance(expected, str) or isinstance(actual, str):
        return "0" if expected == actual else "n/a"
    gap = actual - expected
    return f"{gap:+.6g}" if gap else "0"


def _at(values: Values, row: int, column: int) -> float | str:
    """Look up a cell; it is empty if this matrix has no such place."""
    if row < len(values) and column < len(values[row]):
        return values[row][column]
    return ""


def _window(size: int, focus: int) -> range:
    start = max(0, min(focus - 2, size - WINDOW))  # two cells of context before the first difference
    return range(start, min(size, start + WINDOW))


def _span(window: range) -> str:
    return f"{window.start} to {window.stop - 1}"
