"""Write a matrix of evidence as text: expected, yours and difference beside each other, or below where too wide."""

from __future__ import annotations

from collections.abc import Iterator

from grader.records.record import MatrixEvidence
from grader.reports.cleaning import one_line
from grader.reports.matrices import Grid, draw

_GAP = " | "


def matrix_lines(evidence: MatrixEvidence, width: int) -> Iterator[str]:
    """Yield the lines of three tables that fit into ``width`` characters where they can; ``*`` marks what differs."""
    drawing = draw(evidence)
    yield one_line(f"{drawing.name}: {drawing.summary}. {drawing.note}".rstrip(), width)
    tables = [list(_table(grid)) for grid in drawing.grids]
    beside = [_GAP.join(row).rstrip() for row in zip(*tables, strict=True)]
    if max(map(len, beside), default=0) <= width:
        yield from beside
    else:
        yield from (line.rstrip() for table in tables for line in table)


def _table(grid: Grid) -> Iterator[str]:
    """Yield the lines of one table, all of one length: its caption, then row by row."""
    rows = [[f"{cell.text}{'*' if cell.differs else ' '}" for cell in row.cells] for row in grid.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" ".join(cell.rjust(wide) for cell, wide in zip(row, widths, strict=True)) for row in rows]
    length = max([len(grid.caption), *map(len, lines)])
    yield from (line.ljust(length) for line in (grid.caption, *lines))
