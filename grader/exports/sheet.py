"""Read and write a CSV file of an LMS: with its own encoding, delimiter, line ends and byte order mark."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

from grader.errors import UsageError

_BOM = "\ufeff"
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(slots=True)
class Sheet:
    """The rows of a CSV file, and how it was written."""

    rows: list[list[str]]
    delimiter: str
    line_end: str
    bom: bool
    encoding: str = "utf-8"

    def content(self) -> bytes:
        """Return the file with every cell quoted, so that no program takes a part of one for something else."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end, quoting=csv.QUOTE_ALL)
        writer.writerows(self.rows)
        return (_BOM * self.bom + text.getvalue()).encode(self.encoding)


def read_sheet(content: bytes, name: str) -> Sheet:
    """Read a CSV file in UTF-8, or in UTF-16 with its byte order mark.

    Raises:
        UsageError: it is neither, or holds no rows.
    """
    encoding = _UTF_16.get(content[:2], "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise UsageError(
            f"{name} is not UTF-8: give the file as the LMS made it, not as a spreadsheet saved it"
        ) from None
    bom, text = text.startswith(_BOM), text.removeprefix(_BOM)
    start = "".join(text.splitlines(keepends=True)[:3])
    delimiter = max(",;\t", key=start.count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    if not rows:
        raise UsageError(f"{name} is empty")
    return Sheet(rows, delimiter, "\r\n" if "\r\n" in start else "\n", bom, encoding)
