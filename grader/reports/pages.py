"""Write the pages of a store: a report for each submission and the index of the class."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.files import whole_file
from grader.records.record import ResultRecord
from grader.records.store import Store


def publish_report(store: Store, record: ResultRecord) -> Path:
    """Render the student's report of a record, beside its attempts."""
    from grader.reports.html import render_report  # noqa: PLC0415 -- the command line starts without Jinja2

    path = store.page_of(record)
    _write(path, render_report(record))
    return path


def publish_index(store: Store, title: str, not_graded: Mapping[str, str]) -> Path:
    """Render the class page over `Store.latest`, and scores.csv beside it; ``not_graded`` maps names to why."""
    from grader.reports.html import Refusal, render_index  # noqa: PLC0415
    from grader.reports.spreadsheet import render_csv  # noqa: PLC0415

    store.folder.mkdir(parents=True, exist_ok=True)
    records = list(store.latest())
    links = {r.submission.name: f"{store.home(r.submission.name).name}/report.html" for r in records}
    path = store.folder / "index.html"
    _write(store.folder / "scores.csv", render_csv(records))
    _write(path, render_index(records, links, [Refusal(name, why) for name, why in not_graded.items()], title))
    return path


def _write(path: Path, text: str) -> None:
    whole_file.replace(path, text.encode(errors="replace"))
