"""Print what came of a run on the terminal: a line for each submission of a class, or what failed of a single one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING

import click

from grader.commands.class_line import ClassLine
from grader.records.store import Store
from grader.reports.cleaning import one_line
from grader.reports.failures import render_failures
from grader.reports.pages import STAFF_PAGE, page_of

if TYPE_CHECKING:
    from rich.table import Table

_MOST_LINES = 1000  # nobody reads more, and the table is in memory as a whole
_MOST_NAMES = 5  # in the closing line
_NAME_COLUMNS = 26  # a longer name goes on in the next line, so that the table fits in 80 columns


def show_outcomes(fresh: Sequence[ClassLine], store: Store, kept: Sequence[ClassLine] = ()) -> None:
    """Print what came of a run, and where the reports are; ``kept`` were graded in an earlier run.

    Of one submission: what failed. Of several: a table that begins with those that need a look, and ends with totals.
    That of a very large class has only the first lines.
    """
    from rich.console import Console

    console = Console()
    lines = [*fresh, *kept]
    if len(lines) == 1 and lines[0].standing:
        for words in _told(lines[0], store, is_kept=bool(kept)):
            console.print(words, markup=False, highlight=False, soft_wrap=True)
        return
    console.print(_table(lines, {line.name for line in kept}))
    for words in _closing(lines, store):
        console.print(f"\n{words}", markup=False, highlight=False)
    console.print(f"\nreports: {store.folder / 'index.html'}", markup=False, highlight=False)


def _told(line: ClassLine, store: Store, *, is_kept: bool) -> Iterator[str]:
    """Yield what is said of a single submission."""
    *_, record = [store.latest_of(line.name)] if is_kept else store.attempts(line.name)
    assert record is not None
    if is_kept:
        yield f"unchanged since attempt {record.attempt}:"
    yield render_failures(record)
    if line.fault:
        yield f"our fault: {line.fault}"
    yield f"the student's page: {page_of(store, record)}"
    yield f"with everything, for staff: {store.home(line.name) / STAFF_PAGE}"
    yield f"the class: {store.folder / 'index.html'}"


def _table(lines: Sequence[ClassLine], unchanged: Collection[str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("submission", max_width=_NAME_COLUMNS, overflow="fold")
    for column in ("score", "of", "seconds"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    # First those that a person must look at.
    for line in sorted(lines, key=lambda line: (not (line.is_ours or line.needs_a_look), line.name))[:_MOST_LINES]:
        # Text and not str: a student's name is never markup.
        table.add_row(*map(Text, _cells(line, "unchanged" if line.name in unchanged else "")))
    table.add_row()
    table.add_row(*_totals(lines), style="bold")
    return table


def _totals(lines: Sequence[ClassLine]) -> tuple[str, ...]:
    graded = [line for line in lines if line.is_graded]
    score = f"{median(line.score for line in graded):g}" if graded else "-"
    most = f"{max(line.max_score for line in graded):g}" if graded else "-"
    seconds = f"{sum(line.seconds for line in graded):.2f}"
    return f"{len(lines)} in all", score, most, seconds, "(the median score, the sum of the times)"


def _closing(lines: Sequence[ClassLine], store: Store) -> Iterator[str]:
    """Yield what the instructor must know of the class as a whole."""
    if len(lines) > _MOST_LINES:
        yield f"not shown: {len(lines) - _MOST_LINES} more; everybody is in {store.folder / 'scores.csv'}"
    if points := max((line.awaiting for line in lines), default=0.0):
        yield f"not included: {points:g} points each for written answers, which a person marks"
    if looked_at := [one_line(line.name) for line in lines if line.standing and line.needs_a_look]:
        more = f" and {len(looked_at) - _MOST_NAMES} more" if len(looked_at) > _MOST_NAMES else ""
        verb = "needs" if len(looked_at) == 1 else "need"
        names = ", ".join(looked_at[:_MOST_NAMES]) + more
        yield f"{len(looked_at)} of {len(lines)} {verb} a look: {names}; the reasons come first on the class page"


def _cells(line: ClassLine, note: str) -> tuple[str, str, str, str, str]:
    ours = line.fault and f"our fault: {line.fault}"
    if not line.is_graded:
        why = line.refused and f"refused: {line.refused}"
        return line.name, "-", "-", "-", ", ".join(filter(None, (note, ours, why)))
    remarks = ", ".join(filter(None, (note, ours, line.remark)))
    return line.name, f"{line.score:g}", f"{line.max_score:g}", f"{line.seconds:.2f}", remarks


def tell_unreadable(store: Store) -> int:
    """Print a line for each record that cannot be read; return how many there are."""
    unreadable = list(store.unreadable())
    for one in unreadable:
        click.echo(f"{one.why}; move it away, or grade again", err=True)
    return len(unreadable)
