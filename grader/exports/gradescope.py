"""Write a record as Gradescope's ``results.json``: what students see of a test follows from the check's visibility."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.records.record import CheckRecord, PartRecord, ResultRecord, Standing, Verdict, Visibility
from grader.records.verdicts import VERDICTS
from grader.reports.audience import as_seen_by
from grader.reports.cleaning import one_line, printable
from grader.reports.matrix_text import matrix_lines
from grader.reports.wording import awaiting, standing_sentence

_NOT_FINAL = (
    "We are looking at your submission: something went wrong on our side. This is not your fault, it costs you no "
    "points, and you need not do anything."
)
_WIDTH = 90  # characters of a line of a matrix


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What an instructor chose for an assignment, and what else its results say.

    ``hidden`` is how Gradescope shows a hidden check. It never shows one that is hidden there, nor the total of a
    student who has one; ours hide only their inputs and values, which are left out in any case. ``told`` are
    sentences for the student; ``extra`` is kept by Gradescope as ``extra_data``.
    """

    hidden: Visibility = Visibility.visible
    leaderboard: bool = False
    told: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def results(record: ResultRecord, shown: Shown | None = None) -> bytes:
    """Return ``results.json``: a test for each check, the sum as score; written questions are left to their rubric.

    It holds what the student may see. If the grader failed, no score is in it, neither of a test nor in all: our
    failure must not become a zero. What was judged before is told without points.
    """
    shown, record = shown or Shown(), as_seen_by("student", record)
    content = _frame(_paragraphs([*_told(record), *shown.told]) + "".join(map(_printed, record.parts)), shown.extra)
    if record.standing in (Standing.needs_attention, Standing.refused):
        content["tests"] = [_without_points(test) for test in _tests(record, shown)]
    else:
        content |= {"score": record.score, "tests": list(_tests(record, shown))}
        if shown.leaderboard:
            content["leaderboard"] = [{"name": "Score", "value": record.score}]
    return _encoded(content)


def not_graded(why: str = "") -> bytes:
    """Return ``results.json`` for work that the grader failed on before there was a record; ``why`` is one sentence."""
    return _encoded(_frame(_paragraphs([_NOT_FINAL, why])))


def _frame(output: str, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    formats = {"output_format": "html", "test_output_format": "html", "test_name_format": "text"}
    seen = {"visibility": "visible", "stdout_visibility": "hidden"}
    return {"output": output, **formats, **seen, "extra_data": dict(extra or {}), "tests": []}


def _encoded(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode(errors="replace") + b"\n"


def _told(record: ResultRecord) -> Iterator[str]:
    """Yield what is said about the submission as a whole."""
    if record.standing is Standing.needs_attention:
        yield _NOT_FINAL
    elif record.standing in (Standing.refused, Standing.needs_a_look):
        yield standing_sentence(record)
    if record.written:
        yield f"{awaiting(record)}: a person marks them, and this score leaves them out."
    yield from record.notices


def _tests(record: ResultRecord, shown: Shown) -> Iterator[dict[str, Any]]:
    for place, part in enumerate(record.parts, 1):
        for number, check in enumerate(part.checks, 1):
            hidden = check.visibility is Visibility.hidden
            yield {
                "number": f"{place}.{number}",
                "name": one_line(f"{part.title}: {check.title}", 500),
                "score": check.score,
                "max_score": check.points,
                "status": "passed" if check.verdict is Verdict.passed else "failed",
                "output": _output(check),
                "visibility": (shown.hidden if hidden else check.visibility).value,
            }


def _without_points(test: Mapping[str, Any]) -> dict[str, Any]:
    """Return a test that Gradescope shows, but adds to no total."""
    return {key: value for key, value in test.items() if key not in ("score", "max_score")}


def _output(check: CheckRecord) -> str:
    """Return what is said about a check, as HTML. All of it is escaped: a student's code may have chosen the words."""
    if check.verdict is Verdict.passed:
        return ""
    said = [_paragraphs([check.message or VERDICTS[check.verdict].sentence]), _block(check.detail)]
    said += [_block("\n".join(matrix_lines(matrix, _WIDTH))) for matrix in check.evidence]
    said += [_block(check.traceback)]
    if check.hint:
        said.append(_paragraphs([f"This looks like a known mistake: {check.hint}"]))
    return "".join(said)


def _printed(part: PartRecord) -> str:
    """Return what a student's code printed in visible checks."""
    printed = _block(part.output)
    return printed and _paragraphs([f"{part.title}: your code printed:"]) + printed


def _paragraphs(sentences: Iterable[str]) -> str:
    return "".join(f"<p>{html.escape(one_line(words, 2000))}</p>" for words in sentences if words.strip())


def _block(text: str) -> str:
    return f"<pre>{html.escape(printable(text, 4000).strip(chr(10)))}</pre>" if text.strip() else ""
