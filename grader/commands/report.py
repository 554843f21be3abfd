"""``grader report``: write reports again from stored records."""

from __future__ import annotations

from pathlib import Path

import click

from grader.commands import printing
from grader.commands.desk_work import by_people_if_readable
from grader.commands.outcome_table import tell_unreadable
from grader.commands.page_templates import use_course_templates
from grader.errors import UsageError
from grader.files import whole_file
from grader.records.record import ResultRecord
from grader.records.store import Store
from grader.reports.formats import FORMATS
from grader.reports.pages import write_class_pages, write_report_page


@click.command("report")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--format", "name", type=click.Choice(list(FORMATS)), help="Print in this format instead of pages.")
@click.option("--to", type=click.Path(path_type=Path), help="Write the output of --format to this file.")
@click.option("--text", "as_text", is_flag=True, help="Short for --format text.")
@click.option("--junit", type=click.Path(path_type=Path), help="Also write JUnit XML, for an instructor's CI.")
@click.option("--pdf", is_flag=True, help="Also print each student's page, as report.pdf beside it.")
def command(folder: Path, name: str | None, to: Path | None, as_text: bool, junit: Path | None, pdf: bool) -> int:
    """Write reports from the records below FOLDER, which `grader grade --out` wrote. Grades nothing.

    Without --format, writes the pages of each submission (report.html as the student sees it, staff.html with
    everything), the class page, scores.csv and analysis.json. With --format, prints all records in that format, or
    writes them to a file. Of all these, only report.html is for students.

    \b
    Examples:
      grader report build/lab1
      grader report build/lab1 --pdf
      grader report build/lab1 --format text
      grader report build/lab1 --format csv --to lab1.csv
      grader report build/lab1 --junit build/lab1.xml

    \b
    Exit codes: 0 all records are in the reports · 1 some cannot be read, a person must look · 2 wrong usage
    """  # noqa: D301
    name = "text" if as_text else name
    if to is not None and name is None:
        raise UsageError("--to needs --format")
    if pdf and name is not None:
        raise UsageError("--pdf prints pages, so it goes without --format")
    first = f"run `grader grade ASSIGNMENT PATH --out {folder}` first"
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}: {first}")
    use_course_templates()
    store = Store(folder)
    records, unreadable = list(store.latest()), tell_unreadable(store)
    if not (records or unreadable):
        raise UsageError(f"there are no records below {folder}: {first}")
    if junit is not None:
        whole_file.write(junit, FORMATS["junit"](records))
    if name is not None:
        _put_out(FORMATS[name](records), to)
        return int(unreadable > 0)
    _write_pages(store, records, pdf)
    click.echo(f"{len(records)} reports: {_write_class_pages(store, records)}")
    return int(unreadable > 0)


def _write_pages(store: Store, records: list[ResultRecord], pdf: bool) -> None:
    """Write the page of each record, and with ``pdf`` print it into a file beside it."""
    pages = [write_report_page(store, record) for record in records]
    if not pdf:
        return
    printed = printing.pdfs(path.read_text(encoding="utf-8") for path in pages)
    for path, content in zip(pages, printed, strict=True):
        whole_file.write(path.with_suffix(".pdf"), content)


def _write_class_pages(store: Store, records: list[ResultRecord]) -> Path:
    if not records:
        return write_class_pages(store, store.folder.name, {})
    first = records[0]
    return write_class_pages(store, first.heading, {}, by_people_if_readable(store.folder, first.assignment))


def _put_out(content: bytes, to: Path | None) -> None:
    """Write ``content`` to a file, or to standard output."""
    if to is not None:
        whole_file.write(to, content)
    else:
        click.echo(content, nl=False)
