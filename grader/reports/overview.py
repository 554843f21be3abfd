"""Compute the figures on top of the class page from its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from grader.records.record import ResultRecord, Standing

BINS = 10


class ClassFigures(NamedTuple):
    """The figures on top of the class page.

    ``median`` is a share of the maximum score. ``bins`` counts the submissions in equal ranges of that share.
    ``awaiting`` is how many points the written answers of one submission are worth, 0 if there are none.
    """

    submissions: int
    median: float
    bins: tuple[int, ...]
    standings: Mapping[Standing, int]
    awaiting: float


def class_figures(records: Sequence[ResultRecord]) -> ClassFigures:
    """Compute the figures of a class; refused submissions count only among the standings."""
    standings = Counter(record.standing for record in records)
    records = [record for record in records if not record.refused]
    shares = [share(record.score, record.max_score) for record in records]
    bins = Counter(min(int(value * BINS), BINS - 1) for value in shares)
    return ClassFigures(
        submissions=len(records),
        median=median(shares) if shares else 0.0,
        bins=tuple(bins[at] for at in range(BINS)),
        standings={standing: standings[standing] for standing in Standing},
        awaiting=max((record.awaiting for record in records), default=0.0),
    )


def share(score: float, max_score: float) -> float:
    """Return a score as a share of its maximum, between 0 and 1."""
    return min(max(score / max_score, 0.0), 1.0) if max_score > 0 else 0.0
