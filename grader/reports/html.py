"""Render feedback pages: one self-contained HTML file for a student, one for the class, without scripts.

Templates hold the words and the layout, `style.css` the looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from jinja2 import Environment

from grader.records.record import ResultRecord
from grader.records.verdicts import VERDICTS
from grader.reports import wording
from grader.reports.attention import to_look_at
from grader.reports.audience import Audience, as_seen_by, is_withheld
from grader.reports.cleaning import one_line, printable
from grader.reports.confusion import percent
from grader.reports.evidence_kinds import KINDS, describe, kind_of
from grader.reports.exhibit_groups import compare
from grader.reports.findings import found_line, missing_line, not_run_line
from grader.reports.jinja import make_environment
from grader.reports.marking import Marking
from grader.reports.matrices import draw
from grader.reports.mixture import mixtures
from grader.reports.overview import class_figures, href, index_rows, part_columns, share
from grader.reports.passages import passages


class Start(NamedTuple):
    """The check a student may look at first, and where it is on the page."""

    anchor: str
    title: str


def render_report(record: ResultRecord, *, audience: Audience = "student", marking: Marking | None = None) -> str:
    """Render the feedback page of one attempt; only an instructor's page shows the inside of hidden checks.

    With ``marking``, it shows the final score, and what people gave and said.
    """
    seen = as_seen_by(audience, record)
    return _page(
        "report.html.j2",
        record=seen,
        audience=audience,
        start_at=_first_to_mend(seen),
        comparisons=compare(seen),
        marking=marking,
        marked=lambda question: marking is not None and question in marking.marks,
    )


def render_index(
    records: Sequence[ResultRecord],
    links: Mapping[str, str],
    faults: Mapping[str, str] = MappingProxyType({}),
    absent: Sequence[str] = (),
    title: str = "",
) -> str:
    """Render the class page for the instructor: first who needs a look, and why.

    ``links`` maps a submission's name to its report's path, relative to the index; other names get no link. ``faults``
    says why a submission has no record, by name; ``absent`` names who handed in nothing.
    """
    quoted = {name: href(path) for name, path in links.items()}
    assignments = sorted({record.assignment for record in records})
    return _page(
        "index.html.j2",
        title=title or " · ".join([*assignments, "class overview"]),
        figures=class_figures(records),
        columns=part_columns(records),
        rows=index_rows(records, links),
        to_look_at=to_look_at(records, quoted, faults),
        mixtures=mixtures(records),
        absent=absent,
    )


def _page(template: str, **context: Any) -> str:
    return _environment().get_template(template).render(context)


@cache
def _environment() -> Environment:
    filters: dict[str, Callable[..., Any]] = {
        "printable": printable,
        "one_line": one_line,
        "points": wording.points,
        "number": wording.number,
        "in_words": wording.in_words,
        "duration": wording.duration,
        "moment": wording.moment,
        "paragraphs": wording.paragraphs,
        "passages": passages,
    }
    names = {
        "VERDICTS": VERDICTS,
        "STANDINGS": wording.STANDINGS,
        "KINDS": KINDS,
        "standing_label": wording.standing_label,
        "standing_sentence": wording.standing_sentence,
        "found_line": found_line,
        "missing_line": missing_line,
        "not_run_line": not_run_line,
        "awaiting": wording.awaiting,
        "settings": wording.settings,
        "data_used": wording.data_used,
        "NO_ANSWER": wording.NO_ANSWER,
        "NOT_READ": wording.NOT_READ,
        "how_to_answer": wording.how_to_answer,
        "is_withheld": is_withheld,
        "draw": draw,
        "kind_of": kind_of,
        "describe": describe,
        "percent": percent,
        "share": share,
    }
    return make_environment(names=names, filters=filters)


def _first_to_mend(record: ResultRecord) -> Start | None:
    """Find a good place to start: the first check that failed because of the student's code."""
    starts = (
        Start(f"check-{p}-{c}", check.title)
        for p, part in enumerate(record.parts, 1)
        for c, check in enumerate(part.checks, 1)
        if check.verdict.is_for_the_student
    )
    return next(starts, None)
