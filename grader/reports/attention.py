"""Say which submissions of a class a person must look at, and why: the class page begins with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from grader.analysis.by_people import Looked
from grader.records.record import ResultRecord, Standing, Verdict

_LOOK = frozenset({Standing.needs_attention, Standing.needs_a_look, Standing.refused})
_MOST_CHECKS = 3  # named in one sentence


class ToLookAt(NamedTuple):
    """One submission that a person must look at, and why; ``link`` is the path of its page, or empty.

    ``looked`` says who has looked at it, if somebody has.
    """

    name: str
    link: str
    standing: Standing
    reasons: tuple[str, ...]
    looked: Looked | None = None


def must_look(record: ResultRecord) -> bool:
    """Return whether a person must look at a submission before its score counts."""
    return record.standing in _LOOK


def to_look_at(
    records: Iterable[ResultRecord],
    links: Mapping[str, str],
    faults: Mapping[str, str],
    looked: Mapping[tuple[str, int], Looked],
) -> tuple[ToLookAt, ...]:
    """Return every submission that a person must look at, by name, those last that somebody has looked at.

    ``faults`` says why some have no record, ``looked`` who looked at which attempt of which submission.
    """
    found = [
        ToLookAt(name, links.get(name, ""), record.standing, reasons_of(record), looked.get((name, record.attempt)))
        for record in records
        if must_look(record) and (name := record.submission.name)
    ]
    found += [ToLookAt(name, "", Standing.needs_attention, (why,)) for name, why in faults.items()]
    return tuple(sorted(found, key=lambda one: (one.looked is not None, one.name.casefold(), one.name)))


def reasons_of(record: ResultRecord) -> tuple[str, ...]:
    """Return why a person must look at a submission, a sentence each; none if nobody must."""
    if not must_look(record):
        return ()
    return tuple(filter(None, (record.refused, *record.reasons, *_faults(record))))


def _faults(record: ResultRecord) -> Iterator[str]:
    broken = [
        f"{part.name}/{check.name}"
        for part in record.parts
        for check in part.checks
        if check.verdict is Verdict.grader_error
    ]
    if broken and not any("not installed" in reason for reason in record.reasons):
        yield f"The grader failed in {_listed(broken)}: run the same command to grade it again."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_CHECKS} more" if len(names) > _MOST_CHECKS else ""
    return ", ".join(names[:_MOST_CHECKS]) + more
