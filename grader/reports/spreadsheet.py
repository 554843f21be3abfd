"""The class as a table for spreadsheets: one line for each submission, nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from grader.records.record import ResultRecord
from grader.reports.cleaning import one_line

HEADER = ("name", "score", "max_score", "awaiting_marking", "standing", "attempt", "sandbox", "sha256")
# What makes a cell a formula (OWASP, CSV injection), also as the full-width characters that some take for the same.
_STARTS_A_FORMULA = tuple("=+-@\t\r\N{FULLWIDTH EQUALS SIGN}\uff0b\uff0d\uff20")


def render_csv(records: Iterable[ResultRecord]) -> str:
    """The table, every cell quoted; points are numbers, all else is text."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(HEADER)
    for record in records:
        awaiting = sum(item.points for item in record.written)
        words = (record.standing.value, record.attempt, record.environment.sandbox, record.submission.sha256)
        numbers = (record.score, record.max_score, awaiting)
        writer.writerow([guarded(record.submission.name), *numbers, *words])
    return text.getvalue()


def guarded(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula: cleaned, behind an apostrophe where it began like one."""
    text = one_line(text)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
