"""Print an audit on the terminal: one line for each part, then what a person should look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from grader.audit.findings import MistakeFinding, PartFindings

_COLUMNS: tuple[tuple[str, Literal["left", "right"]], ...] = (
    ("part", "left"),
    ("mistakes", "right"),
    ("named", "right"),
    ("mutants", "right"),
    ("share", "right"),
    ("equiv.", "right"),
    ("right", "right"),
    ("runs", "right"),
)


def show_findings(findings: Sequence[PartFindings]) -> None:
    """Print the table, and below it what is wrong.

    The columns count: mistakes that lose marks; mistakes that feedback names; mutants caught, of those that are not
    equivalent; right solutions that always earn full marks; and how often these were graded.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column, justify in _COLUMNS:
        table.add_column(column, justify=justify)
    for found in findings:
        table.add_row(*_cells(found))
    console = Console()
    console.print(table)
    mistakes, named = sum(len(found.mistakes) for found in findings), sum(found.named for found in findings)
    if mistakes:
        console.print(f"feedback names {named} of {mistakes} mistakes ({named / mistakes:.1%})", highlight=False)
    for found in findings:
        for line in remarks(found):
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def remarks(found: PartFindings) -> Iterator[str]:
    """Yield a line for each thing to look at in one part; below a mutant that survived, the lines that it changes."""
    where = found.part.identity
    yield from (f"{where}: the grader failed: {fault}" for fault in found.faults)
    yield from (f"{where}: mistake {mistake.name} loses no marks" for mistake in found.harmless)
    if found.unnamed:
        yield f"{where}: feedback does not name {', '.join(map(_misnamed, found.unnamed))}"
    for name, failures in found.unfair.items():
        for failure in failures:
            yield f"{where}: {name} lost {failure.check} with seed {failure.seed}: {failure.verdict} {failure.said}"
    for one in found.mutants_that("survived"):
        yield f"{where}: survived, line {one.mutant.line}: {one.mutant.identity}"
        yield f"    - {one.mutant.before}"
        yield f"    + {one.mutant.after}"
    if found.timed_out:
        yield f"{where}: mutants caught only because they ran out of time: {len(found.timed_out)}"
    yield from (f"{where}: listed as equivalent, but caught: {one.mutant.identity}" for one in found.mislabelled)
    yield from (f"{where}: listed as equivalent, but no mutant has this name: {identity}" for identity in found.stale)


def _misnamed(mistake: MistakeFinding) -> str:
    others = " and ".join(mistake.named_as)
    return f"{mistake.name} (but {others})" if others else mistake.name


def _cells(found: PartFindings) -> tuple[str, ...]:
    mistakes, right = len(found.mistakes), len(found.right)
    return (
        found.part.identity,
        f"{mistakes - len(found.harmless)}/{mistakes}",
        f"{found.named}/{mistakes}",
        *_mutant_cells(found),
        f"{right - len(found.unfair)}/{right}",
        f"{sum(one.gradings for one in found.right.values())}",
    )


def _mutant_cells(found: PartFindings) -> tuple[str, str, str]:
    if found.mutants is None:
        return "-", "-", "-"
    caught, survived = len(found.mutants_that("caught")), len(found.mutants_that("survived"))
    return f"{caught}/{caught + survived}", f"{found.share:.1%}", f"{len(found.mutants_that('equivalent'))}"
