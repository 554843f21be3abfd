"""Say where the records of a class page cannot be compared: other assignments, other checks, another grader or data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from grader.records.record import ResultRecord

_MOST_NAMES = 5
_DIGITS = 8  # of a hash


class _Ground(NamedTuple):
    """One thing that is the same in all records of a class that was graded as a whole."""

    what: str
    value: Callable[[ResultRecord], str]


_GROUNDS = (
    _Ground("assignments", lambda record: record.assignment),
    _Ground("versions of the checks", lambda record: record.checks_version[:_DIGITS]),
    _Ground("versions of the grader", lambda record: record.grader_version[:_DIGITS]),
    _Ground("profiles and devices", lambda record: f"{record.profile} on {record.device}"),
    _Ground("sets of data", lambda record: ", ".join(f"{name} {origin}" for name, origin in record.datasets.items())),
)


def mixtures(records: Sequence[ResultRecord]) -> tuple[str, ...]:
    """Return a sentence for each ground on which graded records differ; none if all can be compared."""
    graded = [record for record in records if not record.refused and not record.is_practice]
    return tuple(sentence for ground in _GROUNDS for sentence in _told(ground, graded))


def earlier_points(records: Sequence[ResultRecord]) -> str:
    """Return a sentence on who keeps points of earlier checks (`grader rescore --never-lower`); empty if nobody."""
    kept = [record for record in records if record.kept_from]
    if not kept:
        return ""
    return f"Points that earlier checks gave, since the present ones give fewer, count in {_counted(kept)}."


def _told(ground: _Ground, records: Sequence[ResultRecord]) -> Iterator[str]:
    counts = Counter(map(ground.value, records))
    if len(counts) > 1:
        groups = (_group(value, ground, records) for value, _ in counts.most_common())
        yield f"These scores come from {len(counts)} {ground.what}: {'; '.join(groups)}."


def _group(value: str, ground: _Ground, records: Sequence[ResultRecord]) -> str:
    return f"{value or 'unknown'} in {_counted([record for record in records if ground.value(record) == value])}"


def _counted(records: Sequence[ResultRecord]) -> str:
    """Return how many submissions these are, and whose, if they are few."""
    names = [record.submission.name for record in records]
    count = f"{len(names)} submission{'' if len(names) == 1 else 's'}"
    return f"{count} ({', '.join(names)})" if len(names) <= _MOST_NAMES else count
