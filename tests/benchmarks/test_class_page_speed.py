"""Measure how long the class page of a thousand students takes, with its analysis."""

from __future__ import annotations

import msgspec
from record_examples import class_records

from grader.analysis.items import analyse
from grader.records.record import ResultRecord
from grader.reports.html import render_index


def thousand() -> list[ResultRecord]:
    records = class_records()
    return [
        msgspec.structs.replace(one, submission=msgspec.structs.replace(one.submission, name=f"student_{at:04}"))
        for at, one in ((at, records[at % len(records)]) for at in range(1000))
    ]


def test_analyse_a_thousand(benchmark):
    benchmark.pedantic(analyse, args=(thousand(),), rounds=3)


def test_render_a_thousand(benchmark):
    records = thousand()
    links = {one.submission.name: f"{one.submission.name}/staff.html" for one in records}
    benchmark.pedantic(render_index, args=(records, links), kwargs={"analysis": analyse(records)}, rounds=3)
