"""``grader report``: render reports again from records."""

from __future__ import annotations

from pathlib import Path

import click

from grader.errors import UsageError
from grader.records.store import Store
from grader.reports.pages import publish_index, publish_report


@click.command("report")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--text", "as_text", is_flag=True, help="Print plain text instead of writing pages.")
@click.option("--junit", type=click.Path(path_type=Path), help="Also write JUnit XML, for an instructor's CI.")
def command(folder: Path, as_text: bool, junit: Path | None) -> None:
    """Render the pages below FOLDER (what `grader grade --out` wrote) from its records. Nothing is graded.

    \b
    Examples:
      grader report build/lab1
      grader report build/lab1 --text
      grader report build/lab1 --junit build/lab1.xml
    """  # noqa: D301
    if not folder.is_dir():
        raise UsageError(f"{folder} is not there; `grader grade ASSIGNMENT PATH --out {folder}` makes it")
    store = Store(folder)
    records = list(store.latest())
    if not records:
        raise UsageError(f"there are no records below {folder}")
    if junit is not None:
        from grader.reports.junit import render_junit  # noqa: PLC0415

        junit.write_text(render_junit(records), encoding="utf-8")
    if as_text:
        from grader.reports.text import render_text  # noqa: PLC0415 -- the command line starts without it

        click.echo("\n\n".join(render_text(record, audience="instructor") for record in records))
        return
    for record in records:
        publish_report(store, record)
    click.echo(f"{len(records)} reports: {publish_index(store, records[0].assignment, {})}")
