"""Analyse a class: every part and check, the pairs of checks that agree, and who made which mistake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean, median
from typing import NamedTuple

from grader.analysis.agreement import agreeing_pairs
from grader.analysis.counted import counted, every_check, is_blank, is_comparable, is_judged, share
from grader.analysis.figures import discrimination, is_too_low
from grader.analysis.results import (
    CheckItem,
    ClassAnalysis,
    Flag,
    MadeBy,
    MarkerItem,
    MistakeItem,
    PartItem,
    SimilarPair,
)
from grader.records.record import CheckRecord, PartRecord, ResultRecord, Verdict

# If half of all students pass a check, five of them all pass or all fail in 1 of 16 classes.
_FEWEST_FOR_ALL = 5


class _Seen(NamedTuple):
    """One check of one submission; ``total`` is the record's total, None if it cannot be compared with others."""

    check: CheckRecord
    total: float | None


def analyse(
    records: Iterable[ResultRecord],
    near_identical: Sequence[SimilarPair] = (),
    markers: Sequence[MarkerItem] = (),
) -> ClassAnalysis:
    """Analyse the attempts that count of a class (`Records.latest`), one for each submission.

    Refused submissions, practice and starved ones do not count. ``near_identical`` and ``markers`` are only
    passed on.
    """
    everything = sorted(records, key=lambda record: record.submission.name)
    records, left_out = counted(everything)
    parts: dict[str, PartRecord] = {}
    seen: dict[str, dict[str, list[_Seen]]] = {}
    # The record with most parts gives the order of the assignment.
    for record in sorted(records, key=lambda record: -len(record.parts)):
        total = record.score if is_comparable(record) else None
        for part, check in every_check(record):
            parts.setdefault(part.name, part)
            seen.setdefault(part.name, {}).setdefault(check.name, []).append(_Seen(check, total))
    return ClassAnalysis(
        assignment=", ".join(sorted({record.assignment for record in everything})),
        submissions=len(records),
        blank=sum(map(is_blank, records)),
        left_out=left_out,
        parts=tuple(_part(part, records) for part in parts.values()),
        checks=tuple(_check(part, found) for part, checks in seen.items() for found in checks.values()),
        agreeing=agreeing_pairs([(part, name) for part, checks in seen.items() for name in checks], records),
        mistakes=_mistakes(records),
        near_identical=tuple(near_identical),
        markers=tuple(markers),
    )


def _part(example: PartRecord, records: Sequence[ResultRecord]) -> PartItem:
    graded = [(record, part) for record in records for part in record.parts if part.name == example.name]
    slowest, slowest_part = max(graded, key=lambda one: one[1].seconds)
    largest, largest_part = max(graded, key=lambda one: one[1].memory_mb)
    judged = [(r, p) for r, p in graded if all(c.verdict is not Verdict.grader_error for c in p.checks)]
    shares = [share(part.score, part.max_score) for _, part in judged]
    compared = [(record, part) for record, part in judged if is_comparable(record)]
    return PartItem(
        name=example.name,
        title=example.title,
        points=example.max_score,
        judged=len(judged),
        pass_rate=fmean(one >= 1 for one in shares) if shares else None,
        mean=fmean(shares) if shares else None,
        discrimination=discrimination(
            [share(part.score, part.max_score) for _, part in compared],
            [round(record.score - part.score, 6) for record, part in compared],
        ),
        median_seconds=median(part.seconds for _, part in graded),
        most_seconds=slowest_part.seconds,
        slowest=slowest.submission.name,
        median_mb=median(part.memory_mb for _, part in graded),
        most_mb=largest_part.memory_mb,
        largest=largest.submission.name,
    )


def _check(part: str, found: Sequence[_Seen]) -> CheckItem:
    example = found[0].check
    judged = [one for one in found if is_judged(one.check)]
    passed = sum(one.check.verdict is Verdict.passed for one in judged)
    compared = [(one.check, one.total) for one in judged if one.total is not None]
    value = discrimination(
        [share(check.score, check.points) for check, _ in compared],
        [round(total - check.score, 6) for check, total in compared],
    )
    return CheckItem(
        part=part,
        name=example.name,
        title=example.title,
        points=example.points,
        judged=len(judged),
        passed=passed,
        skipped=sum(one.check.verdict is Verdict.skipped for one in found),
        ours=sum(one.check.verdict is Verdict.grader_error for one in found),
        pass_rate=passed / len(judged) if judged else None,
        mean=fmean(share(one.check.score, one.check.points) for one in judged) if judged else None,
        discrimination=value,
        flags=_flags(len(judged), passed, value, len(compared)),
    )


def _flags(judged: int, passed: int, value: float | None, compared: int) -> tuple[Flag, ...]:
    flags = []
    if judged >= _FEWEST_FOR_ALL and passed == judged:
        flags.append(Flag.everybody_passes)
    if judged >= _FEWEST_FOR_ALL and passed == 0:
        flags.append(Flag.nobody_passes)
    if value is not None and is_too_low(value, compared):
        flags.append(Flag.negative_discrimination)
    return tuple(flags)


def _mistakes(records: Sequence[ResultRecord]) -> tuple[MistakeItem, ...]:
    """Return every mistake that was made; a submission makes it once, however many checks it fails with it."""
    hints: dict[tuple[str, str], str] = {}
    made: dict[tuple[str, str], dict[str, str]] = {}
    for record in records:
        for part, check in every_check(record):
            if check.mistake:
                hints[part.name, check.mistake] = check.hint
                made.setdefault((part.name, check.mistake), {}).setdefault(record.submission.name, check.name)
    return tuple(
        MistakeItem(
            part=part,
            name=name,
            hint=hints[part, name],
            made_by=tuple(MadeBy(submission=who, check=check) for who, check in made[part, name].items()),
        )
        for part, name in sorted(made, key=lambda key: (-len(made[key]), key))
    )
