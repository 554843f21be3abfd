"""Compare two gradings of a class: who moved, by how much, and because of which checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from grader.records.record import ResultRecord


class Moved(NamedTuple):
    """A check that gave a submission other points: how many before and after, None where it was not there."""

    part: str
    check: str
    before: float | None
    after: float | None
    verdicts: str  # "passed → failed"


class Difference(NamedTuple):
    """A submission whose score moved, or that is only in one of the gradings (its score there is None)."""

    submission: str
    before: float | None
    after: float | None
    checks: tuple[Moved, ...]

    @property
    def by(self) -> float:
        """By how many points the score moved."""
        return round((self.after or 0.0) - (self.before or 0.0), 6)


def differences(before: Iterable[ResultRecord], after: Iterable[ResultRecord]) -> Iterator[Difference]:
    """Yield the submissions that two gradings judge differently, those that moved furthest first."""
    old = {record.submission.name: record for record in before}
    new = {record.submission.name: record for record in after}
    found = [_difference(name, old.get(name), new.get(name)) for name in sorted(old.keys() | new.keys())]
    moved = [one for one in found if one.before != one.after or one.checks]
    yield from sorted(moved, key=lambda one: -abs(one.by))


def _difference(name: str, old: ResultRecord | None, new: ResultRecord | None) -> Difference:
    return Difference(name, _score(old), _score(new), tuple(_moved(old, new)) if old and new else ())


def _score(record: ResultRecord | None) -> float | None:
    return None if record is None or record.refused else record.score


def _moved(old: ResultRecord, new: ResultRecord) -> Iterator[Moved]:
    earlier, later = (
        {(part.name, check.name): check for part in record.parts for check in part.checks} for record in (old, new)
    )
    for part, name in dict.fromkeys((*later, *earlier)):
        was, now = earlier.get((part, name)), later.get((part, name))
        if was and now and (was.score, was.verdict) == (now.score, now.verdict):
            continue
        verdicts = " → ".join(check.verdict.value if check else "not there" for check in (was, now))
        yield Moved(part, name, was.score if was else None, now.score if now else None, verdicts)
