"""Print rows of the gradebook: as a table, as JSON or as CSV that a spreadsheet cannot mistake for formulas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, Literal

import click

from grader.commands import terminal
from grader.reports.spreadsheet import guarded

Form = Literal["table", "json", "csv"]


def print_rows(rows: Sequence[dict[str, Any]], form: Form, empty: str) -> None:
    """Print rows that have the same keys; ``empty`` is said on stderr where there are none."""
    if form == "json":
        terminal.write_json(json.dumps(list(rows), ensure_ascii=False, indent=1))
    elif form == "csv":
        click.echo(as_csv(rows), nl=False)
    elif rows:
        _print_table(rows)
    if not rows:
        click.echo(empty, err=True)


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as CSV, with a header."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: guarded(_text(value)) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for key in rows[0]:
        numeric = all(isinstance(row[key], (int, float)) or row[key] is None for row in rows)
        table.add_column(key.replace("_", " "), justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(Text(_text(value)) for value in row.values()))  # Text: a student's name is never markup
    Console().print(table)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
