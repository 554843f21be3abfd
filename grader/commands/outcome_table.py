"""Print the class on the terminal: one line for each submission."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from grader.records.record import ResultRecord, Standing, Verdict
from grader.records.store import Store
from grader.reports.attention import must_look
from grader.reports.cleaning import one_line
from grader.running.jobs import JobOutcome

_STANDING = {
    Standing.final: "",
    Standing.needs_attention: "needs attention",
    Standing.needs_a_look: "needs a look",
    Standing.refused: "refused",
    Standing.not_a_grade: "not a grade",
}


_MOST_NAMES = 5  # in the closing line


def show_outcomes(fresh: Sequence[JobOutcome], store: Store, kept: Sequence[JobOutcome] = ()) -> None:
    """Print the table of a run, who needs a look, and where the reports are; ``kept`` were graded in an earlier run."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column, justify in (
        ("submission", "left"),
        ("score", "right"),
        ("of", "right"),
        ("seconds", "right"),
        ("", "left"),
    ):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    unchanged = {outcome.name for outcome in kept}
    outcomes = sorted([*fresh, *kept], key=lambda o: o.name)
    for outcome in outcomes:
        # Text and not str: a student's name is never markup.
        table.add_row(*(Text(cell) for cell in _cells(outcome, "unchanged" if outcome.name in unchanged else "")))
    console = Console()
    console.print(table)
    for line in _closing(outcomes):
        console.print(f"\n{line}", markup=False, highlight=False)
    console.print(f"\nreports: {store.folder / 'index.html'}", markup=False, highlight=False)


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
