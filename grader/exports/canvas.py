"""Fill in one column of an export of Canvas's gradebook, as its importer wants it (gradebook_importer.rb).

Canvas makes a new assignment of a title that it does not know, and clears a score where a cell is blank. So the column
must be one of the instructor's own export, only people with a grade are in the file, and other assignments are not:
what was changed there in the meantime stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from grader.errors import UsageError
from grader.exports.grades import Directory, Filled, Grade, points
from grader.exports.sheet import Sheet, read_sheet
from grader.exports.zipped import zip_of

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
    chosen = _column(header, last, column, name)
    about, people = _split(below)
    worth = _worth(about, chosen, header[chosen])
    kept, remarks = _graded(people, header, chosen, Directory(grades), _factor(grades, worth, scale, header[chosen]))
    width = last + 1
    rows = [header, *about, *kept]
    short = [[*row[:width], row[chosen] if len(row) > chosen else ""] for row in rows]
    filled = Sheet([*sheet.rows[:place], *short], sheet.delimiter, sheet.line_end, sheet.bom)
    return Filled(filled.content(), len(kept), tuple(remarks))


def feedback_zip(pages: Iterable[tuple[str, str, bytes]]) -> bytes:
    """Pack feedback for Canvas's “Upload submissions”: a name, what Canvas put before a file's name, and a page.

    Canvas finds the person by the first number between underscores, and the file that the page is about by the second.

    Raises:
        UsageError: there is no such name of Canvas's.
    """
    return zip_of((_feedback_name(name, uploaded), page) for name, uploaded, page in pages)


def _feedback_name(name: str, uploaded: str) -> str:
    if sum(word.isdecimal() for word in uploaded.split("_")) != 2:
        known = f"its download calls a file of theirs {uploaded!r}" if uploaded else "no file of its download is known"
        raise UsageError(f"Canvas cannot tell that a page is {name}'s: {known}. Upload this page by hand")
    return f"{uploaded}feedback.html"


def _is_header(row: list[str]) -> bool:
    starts = len(row) > 3 and "Student" in row[0] and "ID" in row[1]
    named = row[:3] == ["LastName", "FirstName", "ID"]
    return (starts or named) and any("Section" in cell for cell in row)


def _column(header: list[str], last: int, wanted: str, name: str) -> int:
    """Return the place of the one column that is meant."""
    titles = {at: cell for at, cell in enumerate(header) if at > last and _ASSIGNMENT.fullmatch(cell)}
    exact = [at for at, cell in titles.items() if wanted in (cell, *_ASSIGNMENT.fullmatch(cell).groups())]  # type: ignore[union-attr]
    alike = exact or [at for at, cell in titles.items() if wanted.casefold() in cell.casefold()]
    if len(alike) == 1:
        return alike[0]
    known = "; ".join(titles[at] for at in alike or titles) or "none"
    found = f"{len(alike)} columns of {name} are called {wanted!r}" if alike else f"no column of {name} is {wanted!r}"
    raise UsageError(f"{found}: choose with --column one of: {known}")


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


def _factor(grades: Sequence[Grade], worth: float | None, scale: bool, title: str) -> float:
    """Return what a score is multiplied by; refuses to write scores out of another maximum unasked."""
    most = max((grade.max_score for grade in grades if grade.score is not None), default=0.0)
    if worth is None or not most or worth == most:
        return 1.0
    if not scale:
        raise UsageError(f"Canvas has {points(worth)} points for {title}, and the class {points(most)}: give --scale")
    return worth / most


def _graded(
    people: list[list[str]], header: list[str], chosen: int, directory: Directory, factor: float
) -> tuple[list[list[str]], list[str]]:
    """Return the rows of people with a grade, filled in, and who of the file has none."""
    kept, without = [], []
    ids = [at for at, cell in enumerate(header) if cell in _IDS]
    for row in people:
        found = directory.find((row[at] for at in ids if at < len(row)), name=row[0])
        if found is None or found.score is None:
            without.append(row[0])
            continue
        filled = row + [""] * (chosen + 1 - len(row))
        filled[chosen] = points(found.score * factor)
        kept.append(filled)
    remark = f"not in the file, because they have no grade: {'; '.join(without)}"
    return kept, [remark] if without else []
