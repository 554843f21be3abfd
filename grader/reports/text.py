"""Write a record as a few plain lines for the terminal and the log.

It uses words instead of symbols and colours, for any encoding, a screen reader, or a pipe into a file.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from grader.records.record import CheckRecord, PartRecord, ResultRecord, Verdict
from grader.records.verdicts import VERDICTS
from grader.reports.audience import Audience, as_seen_by
from grader.reports.cleaning import one_line, printable
from grader.reports.evidence_kinds import describe
from grader.reports.findings import found_line, missing_line, not_run_line
from grader.reports.wording import (
    NO_ANSWER,
    NOT_READ,
    awaiting,
    data_used,
    how_to_answer,
    judged_again,
    moment,
    points,
    settings,
    standing_label,
    standing_sentence,
)

WIDTH = 96
_MOST_NOT_RUN = 8  # places that a part lists
_LABEL = max(len(wording.label) for wording in VERDICTS.values())
_BODY = " " * (2 + _LABEL + 2)
_WHOSE = {"student": "As the student sees it.", "instructor": "For staff: everything, hidden checks too."}


def render_text(record: ResultRecord, *, audience: Audience = "student") -> str:
    """Render a record as plain text: the total, then every part with its checks and what to look at."""
    record = as_seen_by(audience, record)
    lines = [*_head(record), _WHOSE[audience]]
    if audience == "instructor":
        lines += [line for why in record.reasons for line in _wrapped(f"A person must look: {one_line(why, 1000)}")]
    for part in record.parts:
        lines += ["", *_part(part)]
    if record.written:
        lines += ["", *_written(record)]
    return "\n".join(lines) + "\n"


def _head(record: ResultRecord) -> Iterator[str]:
    title = f"{one_line(record.heading)} - {one_line(record.submission.name)}"
    yield title if record.refused else _aligned(title, record.score, record.max_score)
    if record.written:
        yield f"and {awaiting(record)}"
    yield from _wrapped(f"{standing_label(record)}. {standing_sentence(record)}")
    for words, line in (("Found", found_line(record)), ("Not found in any file:", missing_line(record))):
        if line:
            yield from _wrapped(one_line(f"{words} {line}", 2000))
    when = f", {one_line(moment(record.started))}" if record.started else ""
    yield f"Attempt {record.attempt}{when}."
    yield from _wrapped(judged_again(record))
    data = f" Data: {data_used(record)}." if record.datasets else ""
    yield from _wrapped(one_line(f"Device and profile: {settings(record)}.{data}", 1000))
    for notice in record.notices:
        yield from _wrapped(f"Note: {one_line(notice, 1000)}")


def _part(part: PartRecord) -> Iterator[str]:
    yield _aligned(one_line(part.title), part.score, part.max_score)
    for lines in part.not_run[:_MOST_NOT_RUN]:
        yield from _wrapped(f"Not run: {one_line(not_run_line(lines), 500)}", "  ")
    for check in part.checks:
        yield from _check(check)
    for exhibit in part.exhibits:
        yield from _wrapped(one_line(f"{exhibit.evidence.name}: {describe(exhibit)}", 500), "  ")


def _check(check: CheckRecord) -> Iterator[str]:
    label = VERDICTS[check.verdict].label.lower()
    yield _aligned(f"  {label:<{_LABEL}}  {one_line(check.title)}", check.score, check.points)
    if check.verdict is Verdict.passed:
        return
    yield from _wrapped(one_line(check.message or VERDICTS[check.verdict].sentence, 1000), _BODY)
    for line in printable(check.detail, 2000).splitlines():
        yield f"{_BODY}{line}"
    for line in printable(check.traceback).strip().splitlines()[-1:]:  # the report has the rest
        yield f"{_BODY}{one_line(line, 500)}"
    if check.hint:
        yield from _wrapped(f"This looks like a known mistake: {one_line(check.hint, 2000)}", _BODY)


def _written(record: ResultRecord) -> Iterator[str]:
    yield _aligned("Written answers, awaiting marking", None, record.awaiting)
    for written in record.written:
        yield _aligned(f"  {one_line(written.title)}", None, written.points)
        found = f"{len(written.answer.split())} words in {one_line(written.source)}"
        yield from _wrapped(found if written.answer else f"{NO_ANSWER} {how_to_answer(written)}", _BODY)
    for other in record.unplaced:
        yield from _wrapped(f"May be an answer: {one_line(other.source)}", "  ")
        words = f"{len(other.text.split())} words below no question's heading"
        yield from _wrapped(words if other.text else NOT_READ, _BODY)


def _aligned(text: str, score: float | None, out_of: float) -> str:
    """Put the score, or ``-`` if there is none yet, at the right edge; cut a long title, never its score."""
    marks = f"{'-' if score is None else points(score)} / {points(out_of)}"
    room = WIDTH - len(marks) - 2
    return f"{printable(text, room):<{room}}  {marks}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
