"""Compare the figures of a reference run with the published ones: print each, and keep them in a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from grader.course.catalog import Part
from grader.course.part_toml import PublishedFigure, Setting
from grader.files import whole_file
from grader.records.record import PartRecord, ResultRecord
from grader.records.store import Store
from grader.reports.pages import write_report_page

_COLUMNS = ("part", "figure", "ours", "published", "low", "high", "verdict", "source")


class _Row(NamedTuple):
    """One figure: of which part, its name, our value (None: not measured), and what was published, if anything was."""

    part: str
    name: str
    ours: float | None
    known: PublishedFigure | None

    @property
    def verdict(self) -> str:
        """``fits`` or ``OFF``; empty where nothing was published."""
        if self.known is None:
            return ""
        return "fits" if self.ours is not None and self.known.low <= self.ours <= self.known.high else "OFF"


def keep_record(record: ResultRecord, out: Path) -> None:
    """Store the record of a reference run below ``out``, with its page: curves, lists and images."""
    store = Store(out)
    page = write_report_page(store, store.append(record))
    click.echo(f"page: {page}")


def compare_figures(record: ResultRecord, parts: Sequence[Part], out: Path | None) -> int:
    """Print each figure as soon as it is there, and keep all in ``out``/published.csv; return how many are off."""
    rows = []
    try:
        for row in _rows(record, parts):
            rows.append(row)
            click.echo(_in_words(row))
    finally:  # what is measured is kept, also when the rest is interrupted
        if out and rows:
            whole_file.write(out / "published.csv", _table(rows))
    off = sum(row.verdict == "OFF" for row in rows)
    compared = sum(row.known is not None for row in rows)
    if compared:
        click.echo(f"published figures compared: {compared}, outside the accepted range: {off}")
    return off


def _rows(record: ResultRecord, parts: Sequence[Part]) -> Iterator[_Row]:
    """Yield the figures that checks measured, then those of ``published.py``, then what nobody measured."""
    for graded, part in zip(record.parts, parts, strict=True):
        setting = Setting(graded.profile, graded.device)
        published = {name: known for name, known in part.config.published.items() if known.applies(setting)}
        left = dict(published)
        for name, value in _measured(graded, part, setting):
            yield _Row(part.name, name, value, left.pop(name, None))
        yield from (_Row(part.name, name, None, known) for name, known in left.items())


def _measured(graded: PartRecord, part: Part, setting: Setting) -> Iterator[tuple[str, float]]:
    from grader.running import published

    yield from sorted(graded.figures.items())
    if any(known.applies(setting) and name not in graded.figures for name, known in part.config.published.items()):
        yield from published.figures(part, setting)


def _in_words(row: _Row) -> str:
    ours = "missing" if row.ours is None else f"{row.ours:.6g}"
    if row.known is None:
        return f"  {row.part} {row.name}: {ours}"
    origin = "measured" if row.known.ours else "published"
    accepted = f"accepted {row.known.low:g} to {row.known.high:g}{'   OFF' if row.verdict == 'OFF' else ''}"
    return f"  {row.part} {row.name}: {ours}   {origin} {row.known.value:g} ({row.known.source}), {accepted}"


def _table(rows: Sequence[_Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row in rows:
        known = (row.known.value, row.known.low, row.known.high) if row.known else ("", "", "")
        writer.writerow((row.part, row.name, row.ours, *known, row.verdict, row.known.source if row.known else ""))
    return text.getvalue().encode("utf-8-sig")  # Excel takes it for UTF-8 then
