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

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from grader.analysis.by_people import ByPeople
from grader.analysis.results import FILE, to_json
from grader.files import whole_file
from grader.records.class_file import read_class_file
from grader.records.record import ResultRecord
from grader.records.store import Store
from grader.reports.class_analysis import class_analysis
from grader.reports.class_rows import href, in_order
from grader.reports.formats import CSV_ENCODING, FORMATS
from grader.reports.wording import moment

STAFF_PAGE = "staff.html"
NOBODY = ByPeople()


class MadeOf(NamedTuple):
    """What a page is made of: an attempt never changes, but for the words that `Store.latest` adds to it."""

    attempt: int
    reasons: tuple[str, ...]
    notices: tuple[str, ...]

    @classmethod
    def of(cls, record: ResultRecord) -> MadeOf:
        """Return what the pages of a record are made of."""
        return cls(record.attempt, record.reasons, record.notices)


def write_report_page(store: Store, record: ResultRecord, made: str = "") -> Path:
    """Write the student's page of a record that was added, and remove the PDF of an older one; return its path.

    ``made`` is the page, if it was made already.
    """
    path = page_of(store, record)
    path.with_suffix(".pdf").unlink(missing_ok=True)
    whole_file.write(path, made.encode(errors="replace") if made else FORMATS["html"]([record]))
    return path


def write_class_pages(
    store: Store,
    title: str,
    faults: Mapping[str, str],
    people: ByPeople = NOBODY,
    staff_pages: Mapping[str, MadeOf] = MappingProxyType({}),
) -> Path:
    """Write what is about the class as a whole, over `Store.latest`; return the path of the class page.

    ``faults`` says why a submission has no record, by name. What cannot be read is listed with them. ``people`` is what
    people marked and looked at. ``staff_pages`` are pages for staff that were written a moment ago, by the submission's
    name; they lack only their neighbours.
    """
    records = list(store.latest())
    faults = {**faults, **{one.place: one.why for one in store.unreadable()}}
    _write_staff_pages(store, in_order(records, people.looked), staff_pages)
    return write_overview(store, title, records, faults, people=people)


def write_overview(
    store: Store,
    title: str,
    records: Sequence[ResultRecord],
    faults: Mapping[str, str],
    waiting: Sequence[str] = (),
    people: ByPeople = NOBODY,
) -> Path:
    """Write ``index.html``, ``scores.csv`` and ``analysis.json`` over the ``records`` that count.

    Returns the path of the page. ``waiting`` names submissions that are to be graded; who is in class.json and has no
    record is waiting, too. ``people`` as in `write_class_pages`.
    """
    from grader.reports.html import Outstanding, class_page
    from grader.reports.spreadsheet import render_csv

    store.folder.mkdir(parents=True, exist_ok=True)
    names = _outstanding(store.folder, records, faults, waiting)
    outstanding = Outstanding(names, moment(datetime.now(UTC).isoformat()))
    analysis = class_analysis(store.folder, records, people.markers)
    page = class_page(
        records,
        {record.submission.name: _staff_page_of(store, record.submission.name) for record in records},
        faults,
        _absent(store.folder, records),
        title,
        analysis=analysis,
        outstanding=outstanding,
        looked=people.looked,
    )
    whole_file.write(store.folder / "scores.csv", render_csv(records, names).encode(CSV_ENCODING, errors="replace"))
    whole_file.write(store.folder / FILE, to_json(analysis))
    path = store.folder / "index.html"
    whole_file.make(path, partial(_write_pieces, page))
    return path


def _write_pieces(pieces: Iterable[str], path: Path) -> None:
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        file.writelines(pieces)


def _outstanding(
    folder: Path, records: Sequence[ResultRecord], faults: Mapping[str, str], waiting: Sequence[str]
) -> tuple[str, ...]:
    """Return who is still to be graded, in the order of the class."""
    of_class = read_class_file(folder)
    handed_in = [one.submission for one in of_class.people if one.submission] if of_class else []
    known = {record.submission.name for record in records} | faults.keys()
    return tuple(dict.fromkeys([*waiting, *(name for name in handed_in if name not in known)]))


def write_staff_page(store: Store, record: ResultRecord, made: str = "") -> None:
    """Write the page for staff of a record that counts, without neighbours; ``made`` if it was made already."""
    from grader.reports.html import ALONE, render_staff_page

    page = made or render_staff_page(record, ALONE)
    whole_file.write(store.home(record.submission.name) / STAFF_PAGE, page.encode(errors="replace"))


def _write_staff_pages(store: Store, records: Sequence[ResultRecord], written: Mapping[str, MadeOf]) -> None:
    """Write the page for staff of every record; its neighbours are those of the class page.

    Those ``written`` already get their neighbours, which takes a tenth of the time.
    """
    from grader.reports.html import ALONE, render_staff_page, with_neighbours

    names = [record.submission.name for record in records]
    pages = [(name, f"../{href(_staff_page_of(store, name))}") for name in names]
    none = ("", "")
    for record, before, after in zip(records, [none, *pages], [*pages[1:], none], strict=False):
        around, path = ALONE._replace(previous=before, next=after), store.home(record.submission.name) / STAFF_PAGE
        is_written = written.get(record.submission.name) == MadeOf.of(record)
        page = with_neighbours(_read(path), around) if is_written else ""
        whole_file.write(path, (page or render_staff_page(record, around)).encode(errors="replace"))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _staff_page_of(store: Store, name: str) -> str:
    return f"{store.home(name).name}/{STAFF_PAGE}"


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
