"""Analyse the class of a store: its records, and how similar its submissions are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.analysis.items import analyse
from grader.analysis.results import ClassAnalysis, MarkerItem
from grader.records.record import ResultRecord
from grader.similarity import kept
from grader.similarity.pairs import near_identical


def class_analysis(folder: Path, records: Sequence[ResultRecord], markers: Sequence[MarkerItem] = ()) -> ClassAnalysis:
    """Return the analysis of the ``records`` that count (`Records.latest`) of a store in ``folder``.

    ``markers`` says how each person marked each written question.
    """
    graded = [record.submission.name for record in records if not record.refused]
    return analyse(records, near_identical(kept.read(folder), graded), markers)
