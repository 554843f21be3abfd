"""Records in the formats that other programs and people read: each is a function from records to a file's content.

A new format is one function and one line of `FORMATS`. No format needs more than the records, so any of them can be
made again at any time. They are for instructors: all but the page of a single submission show hidden checks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from grader.records.record import ResultRecord

Format = Callable[[Sequence[ResultRecord]], bytes]
# With a byte order mark, without which Excel on Windows takes a table for its own old encoding.
CSV_ENCODING = "utf-8-sig"


def html(records: Sequence[ResultRecord]) -> bytes:
    """Make the page of a single record; otherwise the class page."""
    from grader.reports.html import class_page, render_report

    page = render_report(records[0]) if len(records) == 1 else "".join(class_page(records, {}))
    return page.encode(errors="replace")


def text(records: Sequence[ResultRecord]) -> bytes:
    """Make plain lines for a terminal or a log, with an empty line between records."""
    from grader.reports.text import render_text

    pages = (render_text(record, audience="instructor") for record in records)
    return "\n\n".join(pages).encode(errors="replace")


def csv(records: Sequence[ResultRecord]) -> bytes:
    """Make a table for a spreadsheet: a line for each record, below a line of names."""
    from grader.reports.spreadsheet import render_csv

    return render_csv(records).encode(CSV_ENCODING, errors="replace")


def junit(records: Sequence[ResultRecord]) -> bytes:
    """Make JUnit XML for a CI server: a suite for each record, a case for each check."""
    from grader.reports.junit import render_junit

    return render_junit(records).encode(errors="replace")


def json(records: Sequence[ResultRecord]) -> bytes:
    """Make one JSON list of the records, whole."""
    return msgspec.json.format(msgspec.json.encode(list(records)), indent=1) + b"\n"


FORMATS: Mapping[str, Format] = MappingProxyType({"html": html, "text": text, "csv": csv, "junit": junit, "json": json})
