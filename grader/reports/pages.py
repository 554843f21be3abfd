"""Write pages beside the records of a store: a page for each submission, and those of the class.

::

    <folder>/<submission>/report.html           the attempt that counts; report.pdf beside it where it was printed
    <folder>/<submission>/staff.html            the same for staff: everything, with links to the class and neighbours
    <folder>/<submission>/attempt-002.html      practice, or a refused attempt, where report.html has a grade
    <folder>/index.html                         the class
    <folder>/scores.csv                         the class, for a spreadsheet
    <folder>/analysis.json                      what the class tells about its checks (docs/analysis.md)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.analysis.results import to_json
from grader.files import whole_file
from grader.records.class_file import read_class_file
from grader.records.record import ResultRecord
from grader.records.store import Store
from grader.reports.class_analysis import class_analysis
from grader.reports.class_rows import href, in_order
from grader.reports.formats import FORMATS

STAFF_PAGE = "staff.html"


def write_report_page(store: Store, record: ResultRecord) -> Path:
    """Write the student's page of a record that was added, and remove the PDF of an older one; return its path."""
    path = page_of(store, record)
    path.with_suffix(".pdf").unlink(missing_ok=True)
    whole_file.write(path, FORMATS["html"]([record]))
    return path


def write_class_pages(store: Store, title: str, faults: Mapping[str, str]) -> Path:
    """Write what is about the class as a whole, over `Store.latest`; return the path of the class page.

    ``faults`` says why a submission has no record, by name. What cannot be read is listed with them.
    """
    from grader.reports.html import render_index

    store.folder.mkdir(parents=True, exist_ok=True)
    records = list(store.latest())
    faults = {**faults, **{one.place: one.why for one in store.unreadable()}}
    analysis = class_analysis(store.folder, records)
    links = {r.submission.name: f"{store.home(r.submission.name).name}/{STAFF_PAGE}" for r in records}
    page = render_index(records, links, faults, _absent(store.folder, records), title, analysis=analysis)
    whole_file.write(store.folder / "scores.csv", FORMATS["csv"](records))
    whole_file.write(store.folder / "analysis.json", to_json(analysis))
    path = store.folder / "index.html"
    whole_file.write(path, page.encode(errors="replace"))
    _write_staff_pages(store, in_order(records))
    return path


def _write_staff_pages(store: Store, records: Sequence[ResultRecord]) -> None:
    """Write the page for staff of every record; its neighbours are those of the class page."""
    from grader.reports.html import Around, render_staff_page

    names = [record.submission.name for record in records]
    pages = [(name, href(f"{store.home(name).name}/{STAFF_PAGE}")) for name in names]
    none = ("", "")
    for record, before, after in zip(records, [none, *pages], [*pages[1:], none], strict=False):
        previous, following = (((name, f"../{page}") if page else none) for name, page in (before, after))
        around = Around("../index.html", "report.html", previous, following)
        home = store.home(record.submission.name)
        whole_file.write(home / STAFF_PAGE, render_staff_page(record, around).encode(errors="replace"))


def _absent(folder: Path, records: Sequence[ResultRecord]) -> list[str]:
    """Return who of the class handed in nothing: neither in the last run nor in an earlier one."""
    content = read_class_file(folder)
    handed_in = {record.submission.name for record in records}
    return [one.name for one in content.absent if one.name not in handed_in] if content else []


def page_of(store: Store, record: ResultRecord) -> Path:
    """Return where the page of a record that was added belongs: none takes the place of a grade but another grade."""
    name = record.submission.name
    latest = store.latest_of(name) if record.is_practice or record.refused else None
    has_grade = latest is not None and not (latest.is_practice or latest.refused)
    return store.path_of(record).with_suffix(".html") if has_grade else store.home(name) / "report.html"
