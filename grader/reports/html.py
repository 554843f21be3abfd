"""Render feedback pages: one self-contained HTML file for a student, one for staff, one for the class.

Templates hold the words and the layout, `style.css` the looks. Only the class page has a script, `class.js`: it sorts,
searches and filters, and the page's policy lets no other one run. Without it everything can be read.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from grader.analysis.by_people import Looked
from grader.analysis.items import analyse
from grader.analysis.results import ClassAnalysis
from grader.records.record import ResultRecord
from grader.records.verdicts import VERDICTS
from grader.reports import wording
from grader.reports.attention import to_look_at
from grader.reports.audience import Audience, as_seen_by, is_withheld
from grader.reports.causes import causes_of, following, lost, passed_of, worth_most
from grader.reports.class_items import check_lines, mistake_lines, similar_lines
from grader.reports.class_rows import PASSED, class_rows, href, part_columns
from grader.reports.cleaning import one_line, printable
from grader.reports.confusion import percent
from grader.reports.evidence_kinds import KINDS, describe, kind_of
from grader.reports.exhibit_groups import compare
from grader.reports.findings import found_line, missing_line, not_run_line
from grader.reports.item_words import FIFTHS, FLAGS, agreeing_groups, counts, megabytes, percentage, signed
from grader.reports.jinja import Templates, make_environment, naming_the_place, rendered
from grader.reports.languages import ENGLISH, translations_of
from grader.reports.marking import Marking
from grader.reports.matrices import draw
from grader.reports.mixture import earlier_points, mixtures
from grader.reports.overview import class_figures, share
from grader.reports.passages import passages


class Outstanding(NamedTuple):
    """Who is still to be graded, and when this was so."""

    names: tuple[str, ...] = ()
    moment: str = ""


NOBODY = Outstanding()
# Of the links to neighbours. No student can write these on a page: all that they write is escaped.
_AROUND_BEGINS, _AROUND_ENDS = '<nav class="around"', "</nav>\n"


class Around(NamedTuple):
    """The pages beside a submission's page for staff: names, and paths relative to it; empty where there is none."""

    class_page: str
    student_page: str
    previous: tuple[str, str] = ("", "")
    next: tuple[str, str] = ("", "")


ALONE = Around("../index.html", "report.html")  # as long as nobody knows its neighbours


def render_report(record: ResultRecord, *, audience: Audience = "student", marking: Marking | None = None) -> str:
    """Render the feedback page of one attempt; only an instructor's page shows the inside of hidden checks.

    With ``marking``, it shows the final score, and what people gave and said. It names nobody else and links nowhere.
    """
    return _report(record, audience, marking, None)


def render_staff_page(record: ResultRecord, around: Around) -> str:
    """Render the page of one attempt for staff: it shows everything, and leads to the class and to its neighbours."""
    return _report(record, "instructor", None, around)


def with_neighbours(page: str, around: Around) -> str:
    """Return a page for staff with other neighbours; empty if a course's own template has no place for them."""
    before, begin, rest = page.partition(_AROUND_BEGINS)
    _, end, after = rest.partition(_AROUND_ENDS)
    return f"{before}{_page('around.html.j2', around=around)}{after}" if begin and end else ""


def _report(record: ResultRecord, audience: Audience, marking: Marking | None, around: Around | None) -> str:
    seen = as_seen_by(audience, record)
    causes = [causes_of(number, part) for number, part in enumerate(seen.parts, 1)]
    return _page(
        "report.html.j2",
        language=seen.language,
        record=seen,
        audience=audience,
        causes=causes,
        start_at=worth_most(causes),
        next_of=following(causes),
        comparisons=compare(seen),
        marking=marking,
        marked=lambda question: marking is not None and question in marking.marks,
        around=around,
    )


def class_page(
    records: Sequence[ResultRecord],
    links: Mapping[str, str],
    faults: Mapping[str, str] = MappingProxyType({}),
    absent: Sequence[str] = (),
    title: str = "",
    *,
    analysis: ClassAnalysis | None = None,
    outstanding: Outstanding = NOBODY,
    looked: Mapping[tuple[str, int], Looked] = MappingProxyType({}),
) -> Iterator[str]:
    """Render the class page for the instructor, and yield it piece by piece: first who needs a look, and why.

    ``links`` maps a submission's name to its page, relative to the index; other names get no link. ``faults``
    says why a submission has no record, by name; ``absent`` names who handed in nothing. ``analysis`` is that of
    ``records`` (default: without near-identical submissions). ``outstanding`` names who is still to be graded.
    ``looked`` says who looked at an attempt that needs a look, by the submission's name and the attempt's number.
    """
    analysis = analyse(records) if analysis is None else analysis
    return _rendered(
        "index.html.j2",
        title=title or " · ".join([*sorted({record.heading for record in records}), "class overview"]),
        course_title=next((record.course_title for record in records if record.course_title), ""),
        figures=class_figures(records),
        columns=part_columns(records),
        rows=class_rows(records, links, analysis, looked),
        to_look_at=to_look_at(records, {name: href(path) for name, path in links.items()}, faults, looked),
        mixtures=mixtures(records),
        earlier_points=earlier_points(records),
        absent=absent,
        outstanding=outstanding,
        in_all=len({record.submission.name for record in records} | {*outstanding.names}),
        PASSED=PASSED,
        script_hash=_script_hash(),
        **_analysed(records, links, analysis),
    )


def _analysed(records: Sequence[ResultRecord], links: Mapping[str, str], analysis: ClassAnalysis) -> dict[str, Any]:
    """Return what the class page shows of the analysis."""
    return {
        "analysis": analysis,
        "checks": check_lines(analysis),
        "mistakes": mistake_lines(records, links, analysis),
        "agreeing": agreeing_groups(analysis.agreeing),
        "similar": similar_lines(links, analysis),
        "counted": counts(analysis),
        "FLAGS": FLAGS,
    }


def check_templates(folder: Path) -> None:
    """Read every template of a course.

    Raises:
        CourseError: one is no valid template; names the file and the line.
    """
    with naming_the_place(folder):
        for path in sorted(folder.rglob("*.j2")):
            _environment(folder).get_template(path.relative_to(folder).as_posix())


def _page(template: str, **context: Any) -> str:
    return "".join(_rendered(template, **context))


def _rendered(template: str, **context: Any) -> Iterator[str]:
    make = partial(_environment, language=context.get("language", ENGLISH))
    return rendered(make, template, context)


@cache
def _script_hash() -> str:
    """Return the hash of the class page's script, by which its policy knows it."""
    script = resources.files("grader.reports").joinpath("templates/class.js").read_bytes()
    return base64.b64encode(hashlib.sha256(script).digest()).decode()


# What templates may use, beside the sentences, which are in the language of the page.
_FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "printable": printable,
        "one_line": one_line,
        "points": wording.points,
        "number": wording.number,
        "in_words": wording.in_words,
        "duration": wording.duration,
        "paragraphs": wording.paragraphs,
        "passages": passages,
        "percentage": percentage,
        "megabytes": megabytes,
        "signed": signed,
    }
)
_NAMES: Mapping[str, Any] = MappingProxyType(
    {
        "VERDICTS": VERDICTS,
        "STANDINGS": wording.STANDINGS,
        "FIFTHS": FIFTHS,
        "KINDS": KINDS,
        "missing_line": missing_line,
        "judged_again": wording.judged_again,
        "settings": wording.settings,
        "data_used": wording.data_used,
        "NO_ANSWER": wording.NO_ANSWER,
        "NOT_READ": wording.NOT_READ,
        "is_withheld": is_withheld,
        "draw": draw,
        "kind_of": kind_of,
        "describe": describe,
        "percent": percent,
        "share": share,
        "passed_of": passed_of,
        "lost": lost,
    }
)
_SENTENCES: Mapping[str, Callable[..., str]] = MappingProxyType(
    {
        "standing_label": wording.standing_label,
        "standing_sentence": wording.standing_sentence,
        "found_line": found_line,
        "not_run_line": not_run_line,
        "awaiting": wording.awaiting,
        "how_to_answer": wording.how_to_answer,
    }
)


@cache
def _environment(folder: Path | None = None, language: str = ENGLISH) -> Templates:
    translations = translations_of(language)
    say = translations.gettext
    sentences = {name: partial(function, say=say) for name, function in _SENTENCES.items()}
    return make_environment(
        names={**_NAMES, **sentences},
        filters={**_FILTERS, "moment": partial(wording.moment, say=say)},
        folder=folder,
        translations=translations,
    )
