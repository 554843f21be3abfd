"""Write a class as a CSV table: one line for each submission, with nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence

from grader.records.record import ResultRecord, Standing
from grader.reports.attention import reasons_of
from grader.reports.cleaning import one_line

HEADER = (
    *("name", "score", "max_score", "awaiting_marking", "standing", "reason"),
    *("attempt", "sandbox", "sha256", "checks_version"),
)
# What makes a cell a formula (OWASP, CSV injection), and the full-width characters that some spreadsheets treat alike.
_STARTS_A_FORMULA = tuple("=+-@\t\r\N{FULLWIDTH EQUALS SIGN}\uff0b\uff0d\uff20")
_LONGEST_REASON = 1000
_OUTSTANDING = "outstanding"  # the standing of who is still to be graded
_AGAIN = "It is still to be graded again."


def render_csv(records: Iterable[ResultRecord], outstanding: Collection[str] = ()) -> str:
    """Return the table with every cell quoted; points are numbers, everything else is text.

    After the columns of `HEADER` there is one for every part and for every check that any of the records has: the
    points earned, empty if it was not graded. A refused submission has no score rather than 0. ``outstanding`` names
    the submissions that are still to be graded: who has no record yet has a line, too.
    """
    records = list(records)
    columns = _columns(records)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([*HEADER, *columns])
    for record in records:
        earned = dict(_earned(record))
        facts = _facts(record, is_outstanding=record.submission.name in outstanding)
        writer.writerow([*facts, *(earned.get(column, "") for column in columns)])
    for name in sorted({*outstanding} - {record.submission.name for record in records}):
        writer.writerow([guarded(name), "", "", "", _OUTSTANDING, *[""] * (len(HEADER) - 5 + len(columns))])
    return text.getvalue()


def guarded(text: str, limit: int = 200) -> str:
    """Return a cell's text cleaned, with an apostrophe in front if a spreadsheet would take it for a formula."""
    text = one_line(text, limit)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _facts(record: ResultRecord, *, is_outstanding: bool) -> list[str | float]:
    score: tuple[str | float, str | float] = ("", "") if record.refused else (record.score, record.max_score)
    reasons = (*reasons_of(record), *([_AGAIN] if is_outstanding else []))
    reason = guarded(" · ".join(reasons), _LONGEST_REASON)
    standing = record.standing.value
    if record.standing is Standing.final and record.awaiting:
        standing = "automatic_part_complete"
    where = (record.attempt, record.environment.sandbox, record.submission.sha256, record.checks_version)
    return [guarded(record.submission.name), *score, record.awaiting, standing, reason, *where]


def _columns(records: Sequence[ResultRecord]) -> list[str]:
    """Return the columns of parts and checks, in the order of the fullest record: a part, then its checks."""
    fullest = sorted(records, key=lambda record: -len(record.parts))
    columns: dict[str, dict[str, None]] = {}
    for record in fullest:
        for part in record.parts:
            names = columns.setdefault(part.name, {})
            names.update(dict.fromkeys(f"{part.name}/{check.name}" for check in part.checks))
    return [column for part, checks in columns.items() for column in (part, *checks)]


def _earned(record: ResultRecord) -> Iterator[tuple[str, float]]:
    for part in record.parts:
        yield part.name, part.score
        for check in part.checks:
            yield f"{part.name}/{check.name}", check.score
