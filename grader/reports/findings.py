"""Say in words where the functions of a submission were found, which are missing, and which lines were not run."""

from __future__ import annotations

from collections.abc import Iterable

from grader.records.record import FoundRecord, NotRunRecord, ResultRecord


def found_line(record: ResultRecord) -> str:
    """Return where each function was found, by file; empty if the record does not say."""
    files: dict[str, dict[str, None]] = {}
    for part in record.parts:
        for one in part.found:
            files.setdefault(one.file, {})[_named(one)] = None
    return "; ".join(f"in `{file}`: {', '.join(names)}" for file, names in files.items())


def missing_line(record: ResultRecord) -> str:
    """Return the functions that are in no file; empty if none is missing."""
    return _code(name for part in record.parts for name in part.missing)


def not_run_line(lines: NotRunRecord) -> str:
    """Return which lines were not run, and why."""
    what = f"lines {lines.first} to {lines.last}" if lines.last > lines.first else f"line {lines.first}"
    place = f"cell {lines.cell} of `{lines.file}`" if lines.cell else f"`{lines.file}`"
    said = f"{what} of {place}" if lines.first else place
    return f"{said}: {lines.why}" if lines.why else said


def _named(one: FoundRecord) -> str:
    cell = f"cell {one.cell}" if one.cell else ""
    own = f"called `{one.name}`" if one.name != one.entry_point else ""
    details = ", ".join(filter(None, (own, cell)))
    return f"`{one.entry_point}`" + (f" ({details})" if details else "")


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))
