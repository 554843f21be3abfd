"""Write a class as a CSV table: one line for each submission, with nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from grader.records.record import ResultRecord
from grader.reports.cleaning import one_line

HEADER = ("name", "score", "max_score", "awaiting_marking", "standing", "attempt", "sandbox", "sha256")
# What makes a cell a formula (OWASP, CSV injection), and the full-width characters that some spreadsheets treat alike.
_STARTS_A_FORMULA = tuple("=+-@\t\r\N{FULLWIDTH EQUALS SIGN}\uff0b\uff0d\uff20")


def render_csv(records: Iterable[ResultRecord]) -> str:
    """Return the table with every cell quoted; points are numbers, everything else is text."""
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
    """Return a cell's text cleaned, with an apostrophe in front if a spreadsheet would take it for a formula."""
    text = one_line(text)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
