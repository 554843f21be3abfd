"""Choose which submissions an item analysis is about, and which of them say something about a check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from grader.records.record import CheckRecord, PartRecord, ResultRecord, Verdict

_UNWRITTEN = frozenset({Verdict.not_implemented, Verdict.missing, Verdict.skipped})


def counted(records: Iterable[ResultRecord]) -> tuple[list[ResultRecord], dict[str, int]]:
    """Return the records that count, and how many do not, by reason.

    A refused submission has no checks, practice is no grade, and a starved one is graded again.
    """
    counts, left_out = [], Counter[str]()
    for record in records:
        if reason := _why_not(record):
            left_out[reason] += 1
        else:
            counts.append(record)
    return counts, dict(sorted(left_out.items()))


def _why_not(record: ResultRecord) -> str:
    if record.refused:
        return "refused"
    if record.is_practice:
        return "practice"
    return "starved" if record.starved else ""


def is_blank(record: ResultRecord) -> bool:
    """Return whether no check judged any code of the student: an untouched template, or nothing found."""
    return all(check.verdict in _UNWRITTEN for _, check in every_check(record))


def is_comparable(record: ResultRecord) -> bool:
    """Return whether a record's total can be compared with others: some code was written, and no check failed itself.

    A blank submission fails every check. With it, each check would seem to tell good work from bad.
    """
    return not is_blank(record) and all(c.verdict is not Verdict.grader_error for _, c in every_check(record))


def is_judged(check: CheckRecord) -> bool:
    """Return whether a check judged the student's code.

    A skipped one did not: an item that was not reached says nothing about itself, and would only repeat the check
    that it waits for.
    """
    return check.verdict not in {Verdict.skipped, Verdict.grader_error}


def every_check(record: ResultRecord) -> Iterator[tuple[PartRecord, CheckRecord]]:
    """Yield every check of a record with its part."""
    return ((part, check) for part in record.parts for check in part.checks)


def share(score: float, points: float) -> float:
    """Return points earned as a share of the possible ones; 1 where there are none to earn."""
    return min(max(score / points, 0.0), 1.0) if points > 0 else 1.0
