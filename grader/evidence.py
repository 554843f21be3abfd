"""Small values drawn beside each other for the report."""

from __future__ import annotations

import math

import torch

from grader.record import MatrixEvidence

MOST_ROWS = 12
MOST_COLUMNS = 12


def draw(name: str, expected: torch.Tensor, actual: torch.Tensor, differs: torch.Tensor) -> tuple[MatrixEvidence, ...]:
    """Evidence for a matrix or vector small enough to look at; nothing for a larger one."""
    if expected.dim() == 1:
        expected, actual, differs = expected[None], actual[None], differs[None]
    if expected.dim() != 2 or expected.shape[0] > MOST_ROWS or expected.shape[1] > MOST_COLUMNS:
        return ()
    evidence = MatrixEvidence(
        name=name,
        expected=_cells(expected),
        actual=_cells(actual),
        differs=tuple(tuple(bool(d) for d in row) for row in differs.tolist()),
    )
    return (evidence,)


def cell(value: float) -> float | int | str:
    """A number as a record may hold it: whole numbers as int, six significant digits, NaN and infinities as words."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def _cells(matrix: torch.Tensor) -> tuple[tuple[float | str, ...], ...]:
    return tuple(tuple(cell(value) for value in row) for row in matrix.tolist())
