"""Keep the pages of a class true while it is graded: they exist from the first result on, and say who is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from grader.records.record import ResultRecord
from grader.records.sharing import Sharing
from grader.records.store import Store
from grader.reports.pages import MadeOf, write_overview, write_staff_page
from grader.reports.submission_pages import SubmissionPages

_SHARE = 20  # writing the pages takes at most one of so many seconds


class ClassSoFar:
    """Writes the class page, ``scores.csv`` and ``analysis.json`` of a run that goes on.

    They are written after the first result, and then whenever they have become cheap compared with the time since. So
    are the pages for staff that the class page leads to.
    """

    def __init__(
        self, store: Store, title: str, names: Iterable[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``names`` are the submissions that will be graded; what else is in ``store`` is on the pages, too."""
        self._store = store
        self._title = title
        self._clock = clock
        self._waiting = dict.fromkeys(names)
        self._sharing = Sharing()
        self._records: dict[str, ResultRecord] | None = None  # those that count, by name; read at the first result
        self._without_page: dict[str, ResultRecord] = {}  # for staff, since they came after the class page
        self._faults: dict[str, str] = {}
        self.staff_pages: dict[str, MadeOf] = {}  # those that were written, by the submission's name
        self._due = 0.0
        self._is_written = True

    def add(self, name: str, fault: str = "", pages: SubmissionPages | None = None) -> None:
        """Take in the outcome of a submission: its stored record, or a ``fault`` if there is none. Raises OSError.

        ``pages`` are those of the record, if they were made already.
        """
        self._waiting.pop(name, None)
        self._is_written = False
        if fault:
            self._faults[name] = fault
        elif record := self._store.latest_of(name):
            self._known()[name] = self._without_page[name] = self._sharing.of(record)
            if pages and pages.attempt == record.attempt:
                self._write_staff_page(record, pages.staff)
        if self._clock() >= self._due:
            self.write()

    def write(self) -> None:
        """Write the pages if there are outcomes that they lack. Raises OSError."""
        if self._is_written:
            return
        began, records = self._clock(), [record for _, record in sorted(self._known().items())]
        for record in [*self._without_page.values()]:
            self._write_staff_page(record)
        write_overview(self._store, self._title, records, self._faults, list(self._waiting))
        self._is_written, self._due = True, self._clock() + _SHARE * (self._clock() - began)

    def _write_staff_page(self, record: ResultRecord, made: str = "") -> None:
        write_staff_page(self._store, record, made)
        del self._without_page[record.submission.name]
        self.staff_pages[record.submission.name] = MadeOf.of(record)

    def _known(self) -> dict[str, ResultRecord]:
        if self._records is None:
            self._records = {record.submission.name: record for record in self._store.latest()}
            self._faults |= {one.place: one.why for one in self._store.unreadable()}
        return self._records
