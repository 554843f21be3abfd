"""``grader item-analysis``: what a graded class tells about its checks."""

from __future__ import annotations

from pathlib import Path

import click

from grader.analysis.results import ClassAnalysis, to_json
from grader.commands.desk_work import by_people
from grader.commands.gradebook_book import DB
from grader.commands.item_tables import show_analysis
from grader.commands.outcome_table import tell_unreadable
from grader.commands.terminal import write_json
from grader.errors import UsageError
from grader.records.store import Store
from grader.reports.class_analysis import class_analysis
from grader.reports.item_csv import render_items_csv
from grader.reports.mixture import mixtures


@click.command("item-analysis")
@click.argument("folder", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON (docs/analysis.md says what it means).")
@click.option("--csv", "as_csv", is_flag=True, help="Print a line for each check, for a spreadsheet.")
@DB
def command(folder: Path, as_json: bool, as_csv: bool, db: str | None) -> int:
    """Show what the records below OUT, which `grader grade --out` wrote, tell about the checks. Grades nothing.

    For every check: how many pass it, the mean of its points, and its discrimination, from -1 to 1: whether the
    students who pass it also do better elsewhere. A negative one says that something is wrong with the check. Then the
    checks that always agree, who made which mistake, which submissions are nearly identical, and how each person marked
    the written answers. For staff only.

    \b
    Examples:
      grader item-analysis build/lab1
      grader item-analysis build/lab1 --csv > items.csv
      grader item-analysis build/lab1 --json | jq '.checks[] | select(.flags != [])'

    \b
    Exit codes: 0 shown, whatever was found · 1 some records cannot be read, a person must look · 2 wrong usage
    """  # noqa: D301
    if as_json and as_csv:
        raise UsageError("choose one of --json and --csv")
    store = Store(folder)
    records, unreadable = list(store.latest()), tell_unreadable(store)
    if not records:
        raise UsageError(
            f"there are no records below {folder}: run `grader grade ASSIGNMENT PATH --out {folder}` first"
        )
    for sentence in mixtures(records):
        click.echo(sentence, err=True)
    markers = by_people(folder, records[0].assignment, db).markers
    _show(class_analysis(folder, records, markers), as_json=as_json, as_csv=as_csv)
    return int(unreadable > 0)


def _show(analysis: ClassAnalysis, *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        write_json(to_json(analysis).decode().rstrip())
    elif as_csv:
        click.echo(render_items_csv(analysis).encode("utf-8-sig"), nl=False)  # for Excel, like scores.csv
    else:
        show_analysis(analysis)
