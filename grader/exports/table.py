"""Write a class as a table with one row a person, and a column for every part and every check: CSV or Parquet.

Scores are those of the gradebook. The columns of parts and checks are what the grader gave in the attempt that counts,
before anybody overrode it; who has no such attempt has empty cells there, and not zeros.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from grader.reports.spreadsheet import guarded

Kind = Literal["text", "number", "whole"]
_LONGEST = 1000  # characters of a cell
# What is known of everybody, in the order of the columns.
ABOUT: Mapping[str, Kind] = {
    **dict.fromkeys(("name", "id", "email", "section", "submission"), "text"),
    **dict.fromkeys(("score", "max_score", "automatic", "written", "late", "awaiting_marking"), "number"),
    **dict.fromkeys(("days_late", "attempt"), "whole"),
    "to_decide": "text",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One person: the cells of `ABOUT` (None is empty), and the points of each check by part, in order."""

    about: Mapping[str, Any]
    checks: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the kind of its cells, and the cells; None is an empty one."""

    name: str
    kind: Kind
    cells: Sequence[Any]


def columns_of(rows: Sequence[Row]) -> list[Column]:
    """Return the columns of a class: those of `ABOUT`, then for each part its points and those of its checks."""
    about = [Column(name, kind, [row.about[name] for row in rows]) for name, kind in ABOUT.items()]
    return [*about, *(_points(rows, part, check) for part, check in _places(rows))]


def as_csv(columns: Iterable[Column]) -> bytes:
    """Return a CSV file that Excel takes for UTF-8, in which no cell is a formula; numbers are not quoted."""
    columns, text = list(columns), io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([guarded(column.name) for column in columns])
    for cells in zip(*(column.cells for column in columns), strict=True):
        writer.writerow([guarded(cell, _LONGEST) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue().encode("utf-8-sig", errors="replace")


def as_parquet(columns: Iterable[Column]) -> bytes:
    """Return a Parquet file: text as string, numbers as double, whole numbers as int64; empty cells are null."""
    import pyarrow as pa
    from pyarrow import parquet

    types = {"text": pa.string(), "number": pa.float64(), "whole": pa.int64()}
    arrays = {
        column.name: pa.array([_storable(cell) for cell in column.cells], types[column.kind]) for column in columns
    }
    content = io.BytesIO()
    parquet.write_table(pa.table(arrays), content)
    return content.getvalue()


def _storable(cell: Any) -> Any:
    """Return a cell without half surrogate pairs, which no UTF-8 can hold."""
    return cell.encode(errors="replace").decode() if isinstance(cell, str) else cell


def _places(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return all parts, each with "" and then with its checks, in the order of the fullest row."""
    found: dict[str, dict[str, None]] = {}
    for row in sorted(rows, key=lambda row: -len(row.checks)):
        for part, checks in row.checks.items():
            found.setdefault(part, {"": None}).update(dict.fromkeys(checks))
    return [(part, check) for part, checks in found.items() for check in checks]


def _points(rows: Sequence[Row], part: str, check: str) -> Column:
    if check:
        return Column(f"{part}/{check}", "number", [row.checks.get(part, {}).get(check) for row in rows])
    name = f"part {part}" if part in ABOUT else part
    return Column(name, "number", [_sum(row.checks.get(part)) for row in rows])


def _sum(checks: Mapping[str, float] | None) -> float | None:
    return None if checks is None else round(sum(checks.values()), 6)
