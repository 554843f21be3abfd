"""Print the item analysis of a class on the terminal: tables of 80 columns, and below them what to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from grader.analysis.figures import FEWEST
from grader.analysis.results import CheckItem, ClassAnalysis, MarkerItem, PartItem
from grader.reports.cleaning import one_line
from grader.reports.item_words import FIFTHS, FLAGS, agreeing_groups, counts, megabytes, percentage, signed
from grader.reports.wording import duration

if TYPE_CHECKING:
    from rich.table import Table

_MOST_NAMES = 8  # of the students who made one mistake
_MOST_PAIRS = 20  # of checks, and of submissions


def show_analysis(analysis: ClassAnalysis) -> None:
    """Print the checks, the parts, those who mark, the mistakes and the near-identical submissions."""
    from rich.console import Console

    console = Console()
    console.print(counts(analysis), markup=False, highlight=False)
    tables = [("checks", _checks(analysis.checks)), ("parts", _parts(analysis.parts))]
    if analysis.markers:
        tables.append(("who marked what, and how many answers in each fifth of the points", _markers(analysis.markers)))
    for title, table in tables:
        console.print(f"\n{title}", style="bold", highlight=False)
        console.print(table)
    for title, lines in (
        ("checks to look at", list(_flagged(analysis.checks))),
        ("checks that always agree", list(_agreeing(analysis))),
        ("known mistakes", list(_mistakes(analysis))),
        ("nearly identical submissions", list(_similar(analysis))),
    ):
        if lines:
            console.print(f"\n{title}", style="bold", highlight=False)
        for line in lines:
            # A student's name is never markup.
            console.print(line, markup=False, highlight=False)


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for at, column in enumerate(columns):
        table.add_column(column, justify="right" if at else "left", overflow="fold")
    return table


def _checks(items: Sequence[CheckItem]) -> Table:
    from rich.text import Text

    table = _table("check", "judged", "pass", "mean", "discr.", "look at it")
    for item in items:
        flags = ", ".join(FLAGS[flag].label for flag in item.flags)
        figures = (percentage(item.pass_rate), percentage(item.mean), signed(item.discrimination))
        table.add_row(*map(Text, (one_line(item.identity), str(item.judged), *figures, flags)))
    return table


def _parts(items: Sequence[PartItem]) -> Table:
    from rich.text import Text

    table = _table("part", "judged", "full", "mean", "discr.", "median", "slowest", "of", "memory")
    for item in items:
        figures = (percentage(item.pass_rate), percentage(item.mean), signed(item.discrimination))
        times = (duration(item.median_seconds), duration(item.most_seconds))
        slowest, memory = one_line(item.slowest, 16), megabytes(item.most_mb)
        table.add_row(*map(Text, (one_line(item.name), str(item.judged), *figures, *times, slowest, memory)))
    return table


def _markers(items: Sequence[MarkerItem]) -> Table:
    from rich.text import Text

    table = _table("question", "by", "marked", "mean", "of", *FIFTHS)
    for item in items:
        figures = (str(item.marked), f"{item.mean:.2f}", f"{item.points:g}", *map(str, item.fifths))
        table.add_row(*map(Text, (one_line(item.question), one_line(item.by, 16), *figures)))
    return table


def _flagged(items: Sequence[CheckItem]) -> Iterator[str]:
    for item in items:
        for flag in item.flags:
            yield f"{one_line(item.identity)}: {FLAGS[flag].sentence}"
    if any(item.discrimination is None and item.judged < FEWEST for item in items):
        yield f"A discrimination needs {FEWEST} submissions with code of their own that the check judged."


def _agreeing(analysis: ClassAnalysis) -> Iterator[str]:
    groups = agreeing_groups(analysis.agreeing)
    for group in groups[:_MOST_PAIRS]:
        yield ", ".join(map(one_line, group))
    if len(groups) > _MOST_PAIRS:
        yield f"and {len(groups) - _MOST_PAIRS} more: see --json"


def _mistakes(analysis: ClassAnalysis) -> Iterator[str]:
    for mistake in analysis.mistakes:
        names = [one_line(one.submission, 60) for one in mistake.made_by]
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        where = f"{one_line(mistake.part)}/{one_line(mistake.name)}"
        yield f"{len(names):>3}  {where}: {', '.join(names[:_MOST_NAMES])}{more}"


def _similar(analysis: ClassAnalysis) -> Iterator[str]:
    for pair in analysis.near_identical[:_MOST_PAIRS]:
        yield f"{percentage(pair.share):>4}  {one_line(pair.first, 60)} and {one_line(pair.second, 60)}"
    if len(analysis.near_identical) > _MOST_PAIRS:
        yield f"and {len(analysis.near_identical) - _MOST_PAIRS} more: see --json"
