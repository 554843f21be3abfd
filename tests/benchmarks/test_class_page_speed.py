"""Measure the class page of a thousand students with its analysis, and all pages of a class of 300: `make bench`.

`GRADER_BENCH_PEOPLE=20 make bench` only tries the benchmarks.
"""

from __future__ import annotations

import os

import msgspec
from exhibit_examples import exhibit_record
from page_reader import render_index
from record_examples import class_records

from grader.analysis.items import analyse
from grader.records.record import ResultRecord
from grader.records.store import Store
from grader.reports.pages import write_class_pages, write_report_page

PEOPLE = int(os.environ.get("GRADER_BENCH_PEOPLE", "1000"))


def people(count: int, records: list[ResultRecord]) -> list[ResultRecord]:
    return [
        msgspec.structs.replace(one, submission=msgspec.structs.replace(one.submission, name=f"student_{at:04}"))
        for at, one in ((at, records[at % len(records)]) for at in range(count))
    ]


def thousand() -> list[ResultRecord]:
    return people(PEOPLE, class_records())


def test_analyse_a_thousand(benchmark):
    benchmark.pedantic(analyse, args=(thousand(),), rounds=3)


def test_render_a_thousand(benchmark):
    records = thousand()
    links = {one.submission.name: f"{one.submission.name}/staff.html" for one in records}
    benchmark.pedantic(render_index, args=(records, links), kwargs={"analysis": analyse(records)}, rounds=3)


def test_all_pages_of_three_hundred(benchmark, tmp_path):
    """A page for each student, one for staff, and the class page; one in four has every exhibit. Bound 45 s."""
    store = Store(tmp_path)
    records = [store.append(one) for one in people(min(300, PEOPLE), [*class_records(3), exhibit_record()])]

    def write():
        for record in records:
            write_report_page(store, record)
        return write_class_pages(store, "lab1", {})

    page = benchmark.pedantic(write, rounds=1)
    benchmark.extra_info["class page KB"] = page.stat().st_size >> 10
    benchmark.extra_info["students' pages KB"] = sum(one.stat().st_size for one in tmp_path.glob("*/report.html")) >> 10
