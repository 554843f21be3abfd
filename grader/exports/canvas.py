"""Fill in one column of an export of Canvas's gradebook, as its importer wants it (gradebook_importer.rb).

Canvas makes a new assignment of a title that it does not know, and clears a score where a cell is blank. So the column
must be one of the instructor's own export, only people with a grade are in the file, and other assignments are not:
what was changed there in the meantime stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import UsageError
from grader.exports.grades import Directory, Filled, Grade
from grader.exports.one_column import chosen_column, factor_of, with_grade
from grader.exports.sheet import Sheet, read_sheet

_IDS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")
_ASSIGNMENT = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)")


def fill(export: bytes, name: str, column: str, grades: Sequence[Grade], *, scale: bool = False) -> Filled:
    """Return the export with the scores of one assignment; ``column`` is its title, its id or its header.

    ``scale`` turns the scores into shares of what Canvas says the assignment is worth.

    Raises:
        UsageError: it is no export of Canvas's gradebook, no column or several are meant, Canvas does not let the
            column be changed, or it is worth something else and ``scale`` is not given.
    """
    sheet = read_sheet(export, name)
    place = next((at for at, row in enumerate(sheet.rows) if _is_header(row)), None)
    if place is None:
        raise UsageError(f"{name} is no export of Canvas's gradebook: no row has the columns Student, ID and Section")
    header, below = sheet.rows[place], sheet.rows[place + 1 :]
    last = max(at for at, cell in enumerate(header) if "Section" in cell)
    found = {at: match for at, cell in enumerate(header) if at > last and (match := _ASSIGNMENT.fullmatch(cell))}
    chosen = chosen_column({at: (one[0], one["title"], one["id"]) for at, one in found.items()}, column, name)
    about, people = _split(below)
    factor = factor_of(grades, _worth(about, chosen, header[chosen]), f"Canvas: {header[chosen]}", scale=scale)
    ids = [at for at, cell in enumerate(header) if cell in _IDS]
    kept, remarks = with_grade(people, ids, lambda row: row[0], chosen, Directory(grades), factor)
    width = last + 1
    rows = [header, *about, *kept]
    short = [[*row[:width], row[chosen] if len(row) > chosen else ""] for row in rows]
    filled = Sheet([*sheet.rows[:place], *short], sheet.delimiter, sheet.line_end, sheet.bom)
    return Filled(filled.content(), len(kept), tuple(remarks))


def feedback_name(name: str, uploaded: str, suffix: str) -> str:
    """Return the file name by which Canvas's “Upload submissions” knows whose a page is.

    ``uploaded`` is what Canvas put before the name of a file in its download, ``suffix`` the ending of the page's file
    name. Canvas finds the person by the first number between underscores, and the file that the page is about by the
    second.

    Raises:
        UsageError: it is no such name of Canvas's.
    """
    if sum(word.isdecimal() for word in uploaded.split("_")) != 2:
        known = f"its download calls a file of theirs {uploaded!r}" if uploaded else "no file of its download is known"
        raise UsageError(
            f"Canvas cannot tell that a page is {name}'s: {known}. Grade Canvas's own download, or give --zip folders"
        )
    return f"{uploaded}feedback{suffix}"


def _is_header(row: list[str]) -> bool:
    starts = len(row) > 3 and "Student" in row[0] and "ID" in row[1]
    named = row[:3] == ["LastName", "FirstName", "ID"]
    return (starts or named) and any("Section" in cell for cell in row)


def _split(below: list[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows about the columns (points possible, muted), and those of people."""
    about = [row for row in below if "Points Possible" in row[0] or not row[0].strip()]
    return about, [row for row in below if row not in about]


def _worth(about: list[list[str]], chosen: int, title: str) -> float | None:
    """Return what Canvas says that the assignment is worth; None if it does not say."""
    cells = [row[chosen] for row in about if "Points Possible" in row[0] and len(row) > chosen]
    if any("read only" in cell for cell in cells):
        raise UsageError(f"Canvas does not let {title} be changed: it is read only")
    try:
        return float(cells[0]) if cells else None
    except ValueError:
        return None
