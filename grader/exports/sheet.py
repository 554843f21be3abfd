"""Read and write a CSV file of an LMS: with its own delimiter, line ends and byte order mark."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from grader.errors import UsageError

_BOM = "\ufeff"


@dataclass(slots=True)
class Sheet:
    """The rows of a CSV file, and how it was written."""

    rows: list[list[str]]
    delimiter: str
    line_end: str
    bom: bool

    def content(self) -> bytes:
        """Return the file with every cell quoted, so that no program takes a part of one for something else."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end, quoting=csv.QUOTE_ALL)
        writer.writerows(self.rows)
        return (_BOM * self.bom + text.getvalue()).encode()


def read_sheet(content: bytes, name: str) -> Sheet:
    """Read a CSV file in UTF-8.

    Raises:
        UsageError: it is not UTF-8, or holds no rows.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            f"{name} is not UTF-8: give the file as the LMS made it, not as a spreadsheet saved it"
        ) from None
    bom, text = text.startswith(_BOM), text.removeprefix(_BOM)
    start = "".join(text.splitlines(keepends=True)[:3])
    delimiter = max(",;", key=start.count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    if not rows:
        raise UsageError(f"{name} is empty")
    return Sheet(rows, delimiter, "\r\n" if "\r\n" in start else "\n", bom)
