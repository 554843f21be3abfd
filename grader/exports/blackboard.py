"""Fill in one column of a download of Blackboard's Grade Center (“Work Offline”).

Blackboard knows a person by ``Username`` and a column by the number at the end of its header; a column without one
becomes a new column. So the header stays as it is, and only people with a grade are in the file: no cell is cleared.
It downloads UTF-8 with commas, or UTF-16 with tabs, which it calls ``.xls``; either stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import UsageError
from grader.exports.grades import Directory, Filled, Grade
from grader.exports.one_column import chosen_column, factor_of, with_grade
from grader.exports.sheet import Sheet, read_sheet

_LAST, _FIRST, _USERNAME, _STUDENT = "Last Name", "First Name", "Username", "Student ID"
_ABOUT = (_LAST, _FIRST, _USERNAME, _STUDENT)
_COLUMN = re.compile(r"(?P<title>.*) \[Total Pts: (?P<points>[\d.,]+) Score\] \|(?P<id>\d+)")


def fill(export: bytes, name: str, column: str, grades: Sequence[Grade], *, scale: bool = False) -> Filled:
    """Return the download with the scores of one assignment; ``column`` is its title, its id or its header.

    ``scale`` turns the scores into shares of what Blackboard says the assignment is worth.

    Raises:
        UsageError: it is no download of the Grade Center, no column or several are meant, or it is worth something else
            and ``scale`` is not given.
    """
    sheet = read_sheet(export, name)
    header = sheet.rows[0]
    if missing := [needed for needed in (_LAST, _FIRST, _USERNAME) if needed not in header]:
        raise UsageError(f"{name} is no download of Blackboard's Grade Center: it has no column {missing[0]!r}")
    found = {at: match for at, cell in enumerate(header) if (match := _COLUMN.fullmatch(cell))}
    chosen = chosen_column({at: (match[0], match["title"], match["id"]) for at, match in found.items()}, column, name)
    worth = float(found[chosen]["points"].replace(",", "."))
    factor = factor_of(grades, worth, f"Blackboard: {found[chosen]['title']}", scale=scale)
    places = {cell: at for at, cell in enumerate(header)}

    def name_of(row: list[str]) -> str:
        return f"{row[places[_LAST]]}, {row[places[_FIRST]]}"

    ids = [places[cell] for cell in (_USERNAME, _STUDENT) if cell in places]
    rows = [row for row in sheet.rows[1:] if len(row) > places[_USERNAME]]
    kept, remarks = with_grade(rows, ids, name_of, chosen, Directory(grades), factor)
    columns = [*(places[cell] for cell in _ABOUT if cell in places), chosen]
    short = [[row[at] for at in columns] for row in [header, *kept]]
    filled = Sheet(short, sheet.delimiter, sheet.line_end, sheet.bom, sheet.encoding)
    return Filled(filled.content(), len(kept), tuple(remarks))
