"""The table of a class: a line for each submission, a cell for each part, a linked mark for each failed check."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from grader.analysis.results import ClassAnalysis
from grader.records.record import CheckRecord, PartRecord, ResultRecord, Verdict
from grader.records.verdicts import VERDICTS
from grader.reports.attention import must_look

PASSED = "\N{MIDDLE DOT}"
_UNLINKED = frozenset({Verdict.passed, Verdict.skipped, Verdict.not_implemented, Verdict.missing})


class CheckMark(NamedTuple):
    """One check of a cell as a letter; ``link`` leads to it, empty where there is nothing to read about it."""

    letter: str
    name: str
    link: str


class PartCell(NamedTuple):
    """One part of one submission; ``link`` leads to the first check that failed; no ``marks`` if none did."""

    score: float
    link: str
    marks: tuple[CheckMark, ...]


class ClassRow(NamedTuple):
    """One line of the class table; ``cells`` has an entry for every part, ``None`` if it was not graded.

    ``failed`` and ``made`` are the places of its failed checks and of its mistakes in the analysis, for filtering.
    """

    record: ResultRecord
    link: str
    cells: tuple[PartCell | None, ...]
    not_passed: int
    failed: tuple[int, ...]
    made: tuple[int, ...]


def in_order(records: Sequence[ResultRecord], looked: Container[tuple[str, int]] = ()) -> list[ResultRecord]:
    """Return the records in the order of the class page: who needs a look comes first, then all by name.

    ``looked`` are the attempts that somebody has looked at, by the submission's name and the attempt's number.
    """

    def settled(record: ResultRecord) -> bool:
        return not must_look(record) or (record.submission.name, record.attempt) in looked

    return sorted(records, key=lambda record: (settled(record), *_by_name(record)))


def part_columns(records: Sequence[ResultRecord]) -> tuple[PartRecord, ...]:
    """Return one example of every part in the class, in the order of the fullest records."""
    parts: dict[str, PartRecord] = {}
    for record in sorted(records, key=lambda record: -len(record.parts)):
        for part in record.parts:
            parts.setdefault(part.name, part)
    return tuple(parts.values())


def class_rows(
    records: Sequence[ResultRecord],
    links: Mapping[str, str],
    analysis: ClassAnalysis,
    looked: Container[tuple[str, int]] = (),
) -> tuple[ClassRow, ...]:
    """Return the lines of the class table, in the order of `in_order`; ``links`` as in `class_page`."""
    columns = part_columns(records)
    checks = {(item.part, item.name): at for at, item in enumerate(analysis.checks)}
    mistakes = {(item.part, item.name): at for at, item in enumerate(analysis.mistakes)}
    rows = []
    for record in in_order(records, looked):
        link = href(links.get(record.submission.name, ""))
        parts = {part.name: (at, part) for at, part in enumerate(record.parts, 1)}
        found = [(part.name, check) for part in record.parts for check in part.checks]
        failed = [(part, check.name) for part, check in found if check.verdict.is_for_the_student]
        made = dict.fromkeys((part, check.mistake) for part, check in found if check.mistake)
        rows.append(
            ClassRow(
                record=record,
                link=link,
                cells=tuple(_cell(*parts[one.name], link) if one.name in parts else None for one in columns),
                not_passed=sum(_is_wrong(check) for _, check in found),
                failed=tuple(checks[key] for key in failed if key in checks),
                made=tuple(mistakes[key] for key in made if key in mistakes),
            )
        )
    return tuple(rows)


def anchor_of(part: int, check: int) -> str:
    """Return where a check is on the page of its submission; parts and their checks are counted from 1."""
    return f"check-{part}-{check}"


def href(path: str) -> str:
    """Quote a relative path, so that a submission named ``javascript:…`` or ``//host`` stays a file name."""
    return quote(path.lstrip("/"), safe="/", errors="surrogateescape")


def _cell(number: int, part: PartRecord, link: str) -> PartCell:
    checks = list(enumerate(part.checks, 1))
    places = [f"{link}#{anchor_of(number, at)}" for at, one in checks if link and one.verdict is not Verdict.passed]
    marks = tuple(_mark(one, f"{link}#{anchor_of(number, at)}" if link else "") for at, one in checks)
    return PartCell(part.score, places[0] if places else "", marks if any(m.letter != PASSED for m in marks) else ())


def _mark(check: CheckRecord, link: str) -> CheckMark:
    """Return a check's mark; there is nothing to read about what passed, or was never written."""
    letter = VERDICTS[check.verdict].letter or PASSED
    return CheckMark(letter, check.name, "" if check.verdict in _UNLINKED else link)


def _is_wrong(check: CheckRecord) -> bool:
    return check.verdict is not Verdict.passed and VERDICTS[check.verdict].at_fault != "us"


def _by_name(record: ResultRecord) -> tuple[str, str, int, str]:
    name = record.submission.name
    return name.casefold(), name, record.attempt, record.submission.sha256
