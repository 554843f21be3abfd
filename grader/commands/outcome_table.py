"""Print what came of a run on the terminal: a line for each submission of a class, or what failed of a single one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING

import click

from grader.records.record import ResultRecord, Standing, Verdict
from grader.records.store import Store
from grader.reports.attention import must_look
from grader.reports.cleaning import one_line
from grader.reports.failures import render_failures
from grader.reports.pages import STAFF_PAGE, page_of
from grader.running.jobs import JobOutcome

if TYPE_CHECKING:
    from rich.table import Table

_STANDING = {
    Standing.final: "",
    Standing.needs_attention: "needs attention",
    Standing.needs_a_look: "needs a look",
    Standing.refused: "refused",
    Standing.not_a_grade: "not a grade",
}
_MOST_NAMES = 5  # in the closing line
_LONGEST_REASON = 100  # letters; the class page has all of it
_NAME_COLUMNS = 26  # a longer name goes on in the next line, so that the table fits in 80 columns


def show_outcomes(fresh: Sequence[JobOutcome], store: Store, kept: Sequence[JobOutcome] = ()) -> None:
    """Print what came of a run, and where the reports are; ``kept`` were graded in an earlier run.

    Of one submission: what failed. Of several: a table that begins with those that need a look, and ends with totals.
    """
    from rich.console import Console

    console = Console()
    outcomes = [*fresh, *kept]
    if len(outcomes) == 1 and (record := outcomes[0].record):
        for line in _told(outcomes[0], record, store, is_kept=bool(kept)):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        return
    console.print(_table(outcomes, {outcome.name for outcome in kept}))
    for line in _closing(outcomes):
        console.print(f"\n{line}", markup=False, highlight=False)
    console.print(f"\nreports: {store.folder / 'index.html'}", markup=False, highlight=False)


def _told(outcome: JobOutcome, record: ResultRecord, store: Store, *, is_kept: bool) -> Iterator[str]:
    """Yield what is said of a single submission."""
    if is_kept:
        yield f"unchanged since attempt {record.attempt}:"
    yield render_failures(record)
    if outcome.fault:
        yield f"our fault: {outcome.fault}"
    yield f"the student's page: {page_of(store, record)}"
    yield f"with everything, for staff: {store.home(outcome.name) / STAFF_PAGE}"
    yield f"the class: {store.folder / 'index.html'}"


def _table(outcomes: Sequence[JobOutcome], unchanged: Collection[str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("submission", max_width=_NAME_COLUMNS, overflow="fold")
    for column in ("score", "of", "seconds"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    ordered = sorted(outcomes, key=lambda outcome: (not _is_first(outcome), outcome.name))
    for outcome in ordered:
        # Text and not str: a student's name is never markup.
        table.add_row(*map(Text, _cells(outcome, "unchanged" if outcome.name in unchanged else "")))
    table.add_row()
    table.add_row(*_totals(outcomes), style="bold")
    return table


def _is_first(outcome: JobOutcome) -> bool:
    """Return whether a person must look at a submission."""
    return outcome.is_ours or outcome.record is None or must_look(outcome.record)


def _totals(outcomes: Sequence[JobOutcome]) -> tuple[str, ...]:
    graded = [outcome.record for outcome in outcomes if outcome.record and not outcome.record.refused]
    score = f"{median(record.score for record in graded):g}" if graded else "-"
    most = f"{max(record.max_score for record in graded):g}" if graded else "-"
    seconds = f"{sum(record.seconds for record in graded):.2f}"
    return f"{len(outcomes)} in all", score, most, seconds, "(the median score, the sum of the times)"


def _closing(outcomes: Sequence[JobOutcome]) -> Iterator[str]:
    """Yield what the instructor must know of the class as a whole."""
    records = [outcome.record for outcome in outcomes if outcome.record]
    if points := max((record.awaiting for record in records), default=0.0):
        yield f"not included: {points:g} points each for written answers, which a person marks"
    if looked_at := [one_line(record.submission.name) for record in records if must_look(record)]:
        more = f" and {len(looked_at) - _MOST_NAMES} more" if len(looked_at) > _MOST_NAMES else ""
        verb = "needs" if len(looked_at) == 1 else "need"
        names = ", ".join(looked_at[:_MOST_NAMES]) + more
        yield f"{len(looked_at)} of {len(outcomes)} {verb} a look: {names}; the reasons come first on the class page"


def _cells(outcome: JobOutcome, note: str) -> tuple[str, str, str, str, str]:
    record, ours = outcome.record, outcome.fault and f"our fault: {outcome.fault}"
    if record is None or record.refused:
        why = (record and record.refused) or outcome.refused
        return outcome.name, "-", "-", "-", ", ".join(filter(None, (note, ours, why and f"refused: {why}")))
    remarks = ", ".join(filter(None, (note, ours, _remark(record))))
    return outcome.name, f"{record.score:g}", f"{record.max_score:g}", f"{record.seconds:.2f}", remarks


def _remark(record: ResultRecord) -> str:
    if record.standing is Standing.needs_a_look:
        return f"needs a look: {one_line(record.reasons[0], _LONGEST_REASON)}"
    counts: dict[Verdict, int] = {}
    for part in record.parts:
        for check in part.checks:
            counts[check.verdict] = counts.get(check.verdict, 0) + 1
    missing = sum(not written.answer for written in record.written)
    words = [f"{missing} written answer{'s' if missing > 1 else ''} missing"] if missing else []
    words += [
        f"{count} {verdict.value.replace('_', ' ')}"
        for verdict, count in counts.items()
        if verdict is not Verdict.passed
    ]
    return ", ".join(filter(None, (_STANDING[record.standing], *words)))


def tell_unreadable(store: Store) -> int:
    """Print a line for each record that cannot be read; return how many there are."""
    unreadable = list(store.unreadable())
    for one in unreadable:
        click.echo(f"{one.why}; move it away, or grade again", err=True)
    return len(unreadable)
