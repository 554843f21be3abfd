"""Print the results of the hostile submissions: one line for each attack, then the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from grader.attack.arena import AttackOutcome

_STYLES = {"stopped": "green", "detected": "green", "not measured without a GPU": "dim", "not stopped": "bold red"}


def show_attacks(outcomes: Sequence[AttackOutcome], level: str) -> None:
    """Print the table; below an attack that was not stopped, what it did or why this level cannot stop it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("row", "attack", "result"):
        table.add_column(column)
    for outcome in outcomes:
        words = Text(outcome.attack.expectation.title)
        for remark in remarks(outcome, level):
            words.append(f"\n{remark}", style="dim")
        table.add_row(outcome.attack.row, words, Text(outcome.result, style=_STYLES[outcome.result]))
    console = Console()
    console.print(table)
    sums = Counter(outcome.result for outcome in outcomes)
    console.print(f"{len(outcomes)} attacks at {level}: " + ", ".join(f"{sums[name]} {name}" for name in _STYLES))


def remarks(outcome: AttackOutcome, level: str) -> list[str]:
    """Return the lines to print below the title of an attack."""
    if outcome.harm and outcome.is_expected(level):
        return [outcome.attack.expectation.allowed[level].why]
    return [*outcome.harm, *(f"unexpected: {surprise}" for surprise in outcome.surprises)]
