"""Compute the figures of a class from its records, for the index page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple
from urllib.parse import quote

from grader.records.record import CheckRecord, PartRecord, ResultRecord, Standing, Verdict
from grader.records.verdicts import VERDICTS

BINS = 10


class IndexRow(NamedTuple):
    """One line of the class table; ``scores`` has an entry for every part, ``None`` if it was not graded."""

    record: ResultRecord
    link: str
    scores: tuple[PartRecord | None, ...]
    not_passed: int


class MistakeFigure(NamedTuple):
    """A known mistake and the number of submissions that made it."""

    part: str
    name: str
    hint: str
    submissions: int


class CheckFigure(NamedTuple):
    """How many submissions passed one check; our own errors are counted separately, because they say nothing of it."""

    part: str
    title: str
    passed: int
    judged: int
    ours: int

    @property
    def rate(self) -> float:
        """Return the share of the judged submissions that passed."""
        return self.passed / self.judged if self.judged else 0.0


class ClassFigures(NamedTuple):
    """The figures of the class page.

    ``median`` is a share of the maximum score. ``bins`` counts the submissions in equal ranges of that share.
    ``awaiting`` is how many points the written answers of one submission are worth, 0 if there are none.
    """

    submissions: int
    median: float
    bins: tuple[int, ...]
    standings: Mapping[Standing, int]
    awaiting: float
    mistakes: tuple[MistakeFigure, ...]
    checks: tuple[CheckFigure, ...]


def class_figures(records: Sequence[ResultRecord]) -> ClassFigures:
    """Compute the figures of a class; the most frequent mistakes and the hardest checks come first.

    Refused submissions count only among the standings.
    """
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
        mistakes=_mistakes(records),
        checks=_checks(records),
    )


def part_columns(records: Sequence[ResultRecord]) -> tuple[PartRecord, ...]:
    """Return one example of every part in the class, in the order of the fullest records."""
    parts: dict[str, PartRecord] = {}
    for record in sorted(records, key=lambda record: -len(record.parts)):
        for part in record.parts:
            parts.setdefault(part.name, part)
    return tuple(parts.values())


def index_rows(records: Sequence[ResultRecord], links: Mapping[str, str]) -> tuple[IndexRow, ...]:
    """Return the lines of the class table, sorted by submission name."""
    columns = part_columns(records)
    rows = []
    for record in sorted(records, key=_by_name):
        parts = {part.name: part for part in record.parts}
        wrong = sum(_is_wrong(check) for part in record.parts for check in part.checks)
        scores = tuple(parts.get(column.name) for column in columns)
        rows.append(IndexRow(record, href(links.get(record.submission.name, "")), scores, wrong))
    return tuple(rows)


def share(score: float, max_score: float) -> float:
    """Return a score as a share of its maximum, between 0 and 1."""
    return min(max(score / max_score, 0.0), 1.0) if max_score > 0 else 0.0


def _by_name(record: ResultRecord) -> tuple[str, str, int, str]:
    name = record.submission.name
    return name.casefold(), name, record.attempt, record.submission.sha256


def _is_wrong(check: CheckRecord) -> bool:
    return check.verdict is not Verdict.passed and VERDICTS[check.verdict].at_fault != "us"


def href(path: str) -> str:
    """Quote a relative path, so that a submission named ``javascript:…`` or ``//host`` stays a file name."""
    return quote(path.lstrip("/"), safe="/", errors="surrogateescape")


def _every_check(records: Sequence[ResultRecord]) -> Iterator[tuple[PartRecord, CheckRecord]]:
    return ((part, check) for record in records for part in record.parts for check in part.checks)


def _mistakes(records: Sequence[ResultRecord]) -> tuple[MistakeFigure, ...]:
    hints: dict[tuple[str, str], str] = {}
    found: Counter[tuple[str, str]] = Counter()
    for record in records:
        # Count a submission once, even if its mistake fails several checks.
        made = {(part.name, check.mistake): check.hint for part, check in _every_check([record]) if check.mistake}
        hints |= made
        found.update(made.keys())
    ranked = sorted(found, key=lambda key: (-found[key], key))
    return tuple(MistakeFigure(part, name, hints[part, name], found[part, name]) for part, name in ranked)


def _checks(records: Sequence[ResultRecord]) -> tuple[CheckFigure, ...]:
    verdicts: dict[tuple[str, str], Counter[Verdict]] = {}
    titles: dict[tuple[str, str], str] = {}
    for part, check in _every_check(records):
        verdicts.setdefault((part.name, check.name), Counter())[check.verdict] += 1
        titles[part.name, check.name] = check.title
    figures = [
        CheckFigure(
            part=key[0],
            title=titles[key],
            passed=counts[Verdict.passed],
            judged=counts.total() - counts[Verdict.grader_error],
            ours=counts[Verdict.grader_error],
        )
        for key, counts in verdicts.items()
    ]
    return tuple(sorted(figures, key=lambda figure: (figure.rate, figure.part, figure.title)))
