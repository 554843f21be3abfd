"""Tell in the terminal what came of visible checks: one line for each, then what to look at where one failed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from grader.errors import NOT_INSTALLED_THERE
from grader.records.record import CheckRecord, PartRecord, ResultRecord, Verdict
from grader.records.verdicts import VERDICTS
from grader.reports.cleaning import one_line, printable
from grader.reports.evidence_kinds import describe
from grader.reports.matrix_text import matrix_lines

WIDTH = 100
_BODY = "    "
SAY_ENOUGH = (Verdict.passed, Verdict.not_implemented, Verdict.skipped)  # the line of the check does
_NOT_INSTALLED_HERE = "is not installed on this computer. The README says what you may import."
PRACTICE = (
    "This is practice: your code runs without a sandbox and its limits, and only the visible checks run. "
    "It is no grade."
)


def told(record: ResultRecord, *, symbols: bool = True) -> str:
    """Return the text for a record of practice; without ``symbols`` it needs no more than ASCII for its marks."""
    lines = [one_line(record.heading), *textwrap.wrap(PRACTICE, WIDTH)]
    for notice in record.notices:
        lines += ["", *textwrap.wrap(f"Note: {at_home(notice)}", WIDTH)]
    for part in record.parts:
        lines += ["", *_part(part, symbols=symbols)]
    return "\n".join([*lines, "", total(record)]) + "\n"


def total(record: ResultRecord) -> str:
    """Say how many checks pass."""
    checks = [check for part in record.parts for check in part.checks]
    passed = sum(check.verdict is Verdict.passed for check in checks)
    return f"{passed} of {len(checks)} visible checks pass."


def _part(part: PartRecord, *, symbols: bool) -> Iterator[str]:
    yield one_line(f"{part.title} ({part.name})")
    for check in part.checks:
        yield f"  {_mark(check, symbols=symbols)} {one_line(title(check), WIDTH - 8)}"
    for check in (check for check in part.checks if check.verdict not in SAY_ENOUGH):
        yield ""
        yield from _failure(check, _mark(check, symbols=symbols))
    for exhibit in part.exhibits:
        yield from textwrap.wrap(one_line(f"{exhibit.evidence.name}: {describe(exhibit)}", 500), WIDTH)
    if part.output.strip():
        yield ""
        yield "Your code printed:"
        yield from (f"{_BODY}{line}" for line in printable(part.output, 2000).rstrip().splitlines())


def _failure(check: CheckRecord, mark: str) -> Iterator[str]:
    yield from textwrap.wrap(one_line(f"{mark} {check.title}", 500), WIDTH)
    words = at_home(check.message or VERDICTS[check.verdict].sentence)
    yield from textwrap.wrap(words, WIDTH, initial_indent=_BODY, subsequent_indent=_BODY)
    yield from (f"{_BODY}{line}" for line in seen(check))


def seen(check: CheckRecord) -> Iterator[str]:
    """Yield lines that show what was wrong: values, matrices, and the traceback."""
    yield from printable(check.detail, 2000).splitlines()
    for matrix in check.evidence:
        yield from matrix_lines(matrix, WIDTH - len(_BODY))
    yield from printable(check.traceback, 4000).strip().splitlines()


def at_home(words: str) -> str:
    """Return a sentence of grading as it is true at home."""
    return one_line(words.replace(NOT_INSTALLED_THERE, _NOT_INSTALLED_HERE), 1000)


def title(check: CheckRecord) -> str:
    """Return what a check asks, with its verdict where the mark beside it does not say all."""
    if check.verdict in (Verdict.passed, Verdict.failed):
        return check.title
    return f"{VERDICTS[check.verdict].label}: {check.title}"


def _mark(check: CheckRecord, *, symbols: bool) -> str:
    if check.verdict is Verdict.passed:
        return "✓" if symbols else "pass"
    return "✗" if symbols else "FAIL"
