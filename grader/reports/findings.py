"""Say in words where the functions of a submission were found, which are missing, and which lines were not run."""

from __future__ import annotations

from collections.abc import Iterable

from grader.records.record import FoundRecord, NotRunRecord, ResultRecord
from grader.reports.wording import Say, english


def found_line(record: ResultRecord, say: Say = english) -> str:
    """Return where each function was found, by file; empty if the record does not say."""
    files: dict[str, dict[str, None]] = {}
    for part in record.parts:
        for one in part.found:
            files.setdefault(one.file, {})[_named(one, say)] = None
    return "; ".join(f"{say('in')} `{file}`: {', '.join(names)}" for file, names in files.items())


def missing_line(record: ResultRecord) -> str:
    """Return the functions that are in no file; empty if none is missing."""
    return _code(name for part in record.parts for name in part.missing)


def not_run_line(lines: NotRunRecord, say: Say = english) -> str:
    """Return which lines were not run, and why."""
    place = f"`{lines.file}`"
    if lines.cell:
        place = say("cell %(cell)s of %(file)s") % {"cell": lines.cell, "file": place}
    several = say("lines %(first)s to %(last)s of %(place)s")
    what = several if lines.last > lines.first else say("line %(first)s of %(place)s")
    said = what % {"first": lines.first, "last": lines.last, "place": place} if lines.first else place
    return f"{said}: {lines.why}" if lines.why else said


def _named(one: FoundRecord, say: Say) -> str:
    cell = say("cell %(cell)s") % {"cell": one.cell} if one.cell else ""
    own = say("called %(name)s") % {"name": f"`{one.name}`"} if one.name != one.entry_point else ""
    details = ", ".join(filter(None, (own, cell)))
    return f"`{one.entry_point}`" + (f" ({details})" if details else "")


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))
