"""Lay out a confusion matrix as a table whose cells are shaded by their share of the row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from grader.records.record import ConfusionEvidence

_DARKEST = 45  # percent of the tone in a cell: text on it keeps its contrast
OTHER = "none of these"  # the column of predictions that name no class


class ConfusionCell(NamedTuple):
    """How often one class was predicted; ``shade`` is in percent of the tone, ``is_right`` marks the diagonal."""

    times: int
    shade: int
    is_right: bool


class ConfusionRow(NamedTuple):
    """One true class: its cells and its accuracy, None for a class without examples."""

    label: str
    cells: tuple[ConfusionCell, ...]
    accuracy: float | None


class ClassRow(NamedTuple):
    """The accuracy of one class in each part, and the second part's accuracy minus the first's."""

    label: str
    accuracies: tuple[float | None, ...]
    gain: float | None


class Confusion(NamedTuple):
    """A confusion matrix ready to draw."""

    name: str
    summary: str
    columns: tuple[str, ...]
    rows: tuple[ConfusionRow, ...]


def draw_confusion(evidence: ConfusionEvidence) -> Confusion:
    """Lay out one confusion matrix, with a column for predictions that name no class if there are any."""
    has_other = any(evidence.outside)
    return Confusion(
        name=evidence.name,
        summary=describe_confusion(evidence),
        columns=(*evidence.classes, *([OTHER] if has_other else [])),
        rows=tuple(
            _row(number, label, (*counts, other) if has_other else counts)
            for number, (label, counts, other) in enumerate(
                zip(evidence.classes, evidence.counts, evidence.outside, strict=True)
            )
        ),
    )


def describe_confusion(evidence: ConfusionEvidence) -> str:
    """Say in a sentence how many predictions are right and which two classes are confused most often."""
    right, total = correct(evidence), sum(map(sum, evidence.counts)) + sum(evidence.outside)
    if not total:
        return "no predictions"
    words = f"{percent(right / total)} right ({right} of {total})"
    mixed = [
        (count, truth, said)
        for row, truth in enumerate(evidence.classes)
        for column, said in enumerate(evidence.classes)
        if row != column and (count := evidence.counts[row][column])
    ]
    if not mixed:
        return words
    count, truth, said = max(mixed, key=lambda pair: pair[0])
    return f"{words}; {truth} most often taken for {said}, {count} times"


def correct(evidence: ConfusionEvidence) -> int:
    """Count the right predictions."""
    return sum(row[number] for number, row in enumerate(evidence.counts))


def accuracies(evidence: ConfusionEvidence) -> dict[str, float | None]:
    """Return the accuracy of each class by its name, then that of all examples together under the name ``""``."""
    found = {row.label: row.accuracy for row in draw_confusion(evidence).rows}
    total = sum(map(sum, evidence.counts)) + sum(evidence.outside)
    return found | {"": correct(evidence) / total if total else None}


def class_rows(matrices: Sequence[ConfusionEvidence]) -> tuple[ClassRow, ...]:
    """Compare the accuracy of each class, and of all of them, between parts."""
    known = [accuracies(matrix) for matrix in matrices]
    labels = dict.fromkeys(label for matrix in matrices for label in matrix.classes)
    rows = ((label, tuple(table.get(label) for table in known)) for label in (*labels, ""))
    return tuple(ClassRow(label, shares, _gain(shares)) for label, shares in rows)


def _gain(shares: tuple[float | None, ...]) -> float | None:
    """Return the second of two accuracies minus the first."""
    if len(shares) != 2:
        return None
    before, after = shares
    return None if before is None or after is None else after - before


def percent(share: float) -> str:
    """Write a share in percent with one decimal: ``61.2 %``."""
    return f"{100 * share:.1f} %"


def _row(number: int, label: str, counts: tuple[int, ...]) -> ConfusionRow:
    total = sum(counts)
    cells = (
        # The square root makes small shares visible: confused classes are often a few percent of a row.
        ConfusionCell(count, round(_DARKEST * math.sqrt(count / total)) if total else 0, column == number)
        for column, count in enumerate(counts)
    )
    return ConfusionRow(label, tuple(cells), counts[number] / total if total else None)
