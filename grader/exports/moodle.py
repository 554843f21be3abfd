"""Fill in Moodle's offline grading worksheet, and pack feedback pages for its upload (mod/assign).

Moodle skips a row that was changed on the site since, by the time in ``Last modified (grade)``: that cell stays as it
is. Only ``Grade`` is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import UsageError
from grader.exports.grades import Directory, Filled, Grade, points
from grader.exports.sheet import read_sheet

_NEEDED = ("Identifier", "Grade", "Last modified (grade)")
_IDS = ("Identifier", "ID number", "Username")
_EMAIL, _NAME, _MAXIMUM, _OPEN = "Email address", "Full name", "Maximum Grade", "Grade can be changed"


def fill(worksheet: bytes, name: str, grades: Sequence[Grade], *, scale: bool = False) -> Filled:
    """Return the worksheet with everybody's score; who has none, or may not be changed, stays as they are.

    ``scale`` turns the scores into shares of Moodle's maximum grade.

    Raises:
        UsageError: it is no such worksheet, or its maximum is another one and ``scale`` is not given.
    """
    sheet = read_sheet(worksheet, name)
    header = sheet.rows[0]
    if missing := [column for column in _NEEDED if column not in header]:
        raise UsageError(f"{name} is no grading worksheet of Moodle: it has no column {missing[0]!r}")
    places = {column: at for at, column in enumerate(header)}
    directory, without, locked, filled = Directory(grades), [], [], 0
    for row in sheet.rows[1:]:
        cells = {column: row[at] for column, at in places.items() if at < len(row)}
        found = _grade_of(cells, directory)
        who = cells.get(_NAME) or cells["Identifier"]
        if found is None or found.score is None:
            without.append(who)
        elif cells.get(_OPEN, "Yes") == "No":
            locked.append(who)
        else:
            row[places["Grade"]] = points(found.score * _factor(cells, found, scale))
            filled += 1
    remarks = [f"{words}: {'; '.join(names)}" for words, names in _told(without, locked) if names]
    return Filled(sheet.content(), filled, tuple(remarks))


def feedback_name(name: str, participant: str, suffix: str) -> str:
    """Return the path by which Moodle's upload of feedback knows whose a page is.

    Needs the full name and the participant id as Moodle wrote them; ``suffix`` is the ending of the page's file name.

    Raises:
        UsageError: the id is not Moodle's, or the name has an underscore, which its parser takes for a separator.
    """
    if not participant.isdecimal():
        raise UsageError(
            f"{name} has no participant id of Moodle ({participant!r}): grade Moodle's own download, or "
            "give --zip folders"
        )
    if "_" in name:
        raise UsageError(f"{name}: Moodle cannot read a name with an underscore; upload this page by hand")
    return f"{name}_{participant}_assignsubmission_file_/report{suffix}"


def _grade_of(cells: dict[str, str], directory: Directory) -> Grade | None:
    ids = [re.sub(r"^Participant ", "", cells.get(column, "")) for column in _IDS]
    return directory.find(ids, cells.get(_EMAIL, ""), cells.get(_NAME, ""))


def _factor(cells: dict[str, str], grade: Grade, scale: bool) -> float:
    """Return what a score is multiplied by; refuses to write scores out of another maximum unasked."""
    try:
        most = float(cells.get(_MAXIMUM, "").replace(",", "."))
    except ValueError:
        return 1.0
    if not grade.max_score or most == grade.max_score:
        return 1.0
    if not scale:
        ours = f"{grade.name} can get {points(grade.max_score)}"
        raise UsageError(f"Moodle's maximum grade is {points(most)}, and {ours}: give --scale")
    return most / grade.max_score


def _told(without: list[str], locked: list[str]) -> tuple[tuple[str, list[str]], ...]:
    no_score = "left as they are, because they have no final score"
    return (no_score, without), ("Moodle does not let these be changed", locked)
