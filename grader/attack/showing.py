"""Search everything that is rendered from a hostile submission's record for what must not be in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from grader.records.record import ResultRecord, to_json
from grader.reports import html, text
from grader.reports.junit import render_junit
from grader.reports.spreadsheet import render_csv

_RAW_MARKUP = re.compile(r"<[^>]*xss-marker")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_FORMULA = re.compile("[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def harm_shown(record: ResultRecord, said: str, *, secret: str, unseen: str) -> Iterator[str]:
    """Yield the harm in both reports, the class page, scores.csv, the JUnit XML and the record itself.

    ``said`` is what the submission's processes printed; ``unseen`` is a regular expression for what no student may
    read, or empty.
    """
    for_student = [html.render_report(record), text.render_text(record)]
    pages = [for_student[0], html.render_report(record, audience="instructor"), "".join(html.class_page([record], {}))]
    table, junit = render_csv([record]), render_junit([record])
    shown = [*for_student, *pages[1:], text.render_text(record, audience="instructor"), table, junit]
    if any(secret in words for words in (said, to_json(record).decode(), *shown)):
        yield "a secret came out"
    if unseen and any(re.search(unseen, words) for words in for_student):
        yield "the report shows what it should not"
    if any(_RAW_MARKUP.search(page) for page in pages):
        yield "its markup stands in a page"
    if any(_UNPRINTABLE.search(words) for words in shown):
        yield "its control characters stand in a page"
    if any(_FORMULA.match(cell) for row in csv.reader(io.StringIO(table, newline="")) for cell in row):
        yield "a spreadsheet would take it for a formula"
    yield from _broken(junit)


def _broken(junit: str) -> Iterator[str]:
    try:
        root = ET.fromstring(junit)  # noqa: S314 -- our own document
    except ET.ParseError as error:
        yield f"the XML is broken: {error}"
        return
    if len(root) != 1:
        yield "it has added a suite to the XML"
