"""Print the class on the terminal: one line for each submission."""

from __future__ import annotations

from collections.abc import Sequence

from grader.records.record import ResultRecord, Standing, Verdict
from grader.records.store import Store
from grader.running.jobs import JobOutcome

_STANDING = {
    Standing.final: "",
    Standing.needs_attention: "needs attention",
    Standing.needs_a_look: "needs a look",
    Standing.refused: "refused",
    Standing.not_a_grade: "not a grade",
}


def show_outcomes(outcomes: Sequence[JobOutcome], store: Store) -> None:
    """Print the table and where the reports are."""
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
    for outcome in sorted(outcomes, key=lambda o: o.name):
        # Text and not str: a student's name is never markup.
        table.add_row(*(Text(cell) for cell in _cells(outcome)))
    console = Console()
    console.print(table)
    if points := max((o.record.awaiting for o in outcomes if o.record), default=0.0):
        console.print(
            f"\nnot included: {points:g} points each for written answers, which a person marks", highlight=False
        )
    console.print(f"\nreports: {store.folder / 'index.html'}", markup=False, highlight=False)


def _cells(outcome: JobOutcome) -> tuple[str, str, str, str, str]:
    record = outcome.record
    if record is None:
        return (
            outcome.name,
            "-",
            "-",
            "-",
            f"refused: {outcome.refused}" if outcome.refused else f"our fault: {outcome.fault}",
        )
    remarks = ", ".join(filter(None, (outcome.fault and f"our fault: {outcome.fault}", _remark(record))))
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
