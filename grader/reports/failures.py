"""Write what failed of one submission in a few lines for the terminal: the message, the values and the hint of each."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from grader.records.record import CheckRecord, PartRecord, ResultRecord, Standing, Verdict
from grader.records.verdicts import VERDICTS
from grader.reports.attention import reasons_of
from grader.reports.cleaning import one_line, printable
from grader.reports.wording import awaiting, points, standing_label

WIDTH = 80
_BODY = " " * 4
_MOST_DETAIL = 8  # lines of values; the page has all
# There is nothing to say about each of these: they are counted.
_COUNTED = (Verdict.not_implemented, Verdict.missing, Verdict.skipped)


def render_failures(record: ResultRecord) -> str:
    """Render the score of a submission and what failed. It shows hidden checks, too: it is for staff."""
    lines = list(_head(record))
    for part in record.parts:
        failed = [check for check in part.checks if check.verdict is not Verdict.passed]
        lines += ["", *_part(part, failed)] if failed else []
    checks = [check for part in record.parts for check in part.checks]
    if checks:
        lines += ["", f"{sum(check.verdict is Verdict.passed for check in checks)} of {len(checks)} checks passed."]
    return "\n".join(lines) + "\n"


def _head(record: ResultRecord) -> Iterator[str]:
    name = one_line(record.submission.name, 60)
    if record.refused:
        yield f"{name}: refused"
    else:
        rest = f", and {awaiting(record)}" if record.written else ""
        yield from _wrapped(f"{name}: {points(record.score)} of {points(record.max_score)}{rest}")
    if record.standing is not Standing.final:
        yield f"{standing_label(record)}."
    for why in reasons_of(record):
        yield from _wrapped(f"A person must look: {one_line(why, 1000)}")


def _part(part: PartRecord, failed: Sequence[CheckRecord]) -> Iterator[str]:
    yield from _wrapped(one_line(f"{part.title} ({part.name}): {points(part.score)} of {points(part.max_score)}", 300))
    for same in _with_one_cause(failed):
        yield from _failure(same)
    for verdict in _COUNTED:
        if counted := [check.points for check in failed if check.verdict is verdict]:
            checks = f"{len(counted)} check{'s' if len(counted) > 1 else ''}"
            yield f"  {VERDICTS[verdict].label}: {checks}, {points(sum(counted))} points"


def _with_one_cause(failed: Sequence[CheckRecord]) -> Iterator[list[CheckRecord]]:
    """Yield the checks of which something is told, those together that are told the same."""
    causes: dict[tuple[str, ...], list[CheckRecord]] = {}
    for check in failed:
        if check.verdict not in _COUNTED:
            told = (check.verdict.value, check.message, check.detail, check.traceback, check.hint)
            causes.setdefault(told, []).append(check)
    yield from causes.values()


def _failure(same: Sequence[CheckRecord]) -> Iterator[str]:
    for check in same:
        score = f"{points(check.score)} of {points(check.points)}"
        yield from _wrapped(one_line(f"{VERDICTS[check.verdict].label}, {score}: {check.title}", 500), "  ")
    first = same[0]
    yield from _wrapped(one_line(first.message or VERDICTS[first.verdict].sentence, 1000), _BODY)
    for line in printable(first.detail, 2000).splitlines()[:_MOST_DETAIL]:
        yield from _wrapped(line, _BODY) if len(line) > WIDTH - len(_BODY) else [_BODY + line]
    for line in printable(first.traceback).strip().splitlines()[-1:]:
        yield from _wrapped(one_line(line, 500), _BODY)
    if first.hint:
        yield from _wrapped(f"Hint: {one_line(first.hint, 2000)}", _BODY)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  " if indent else "")
