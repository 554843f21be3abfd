"""Tell in Markdown what came of visible checks: the summary of a job on GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.practice.told import PRACTICE, SAY_ENOUGH, at_home, seen, title, total
from grader.records.record import CheckRecord, PartRecord, ResultRecord, Verdict
from grader.records.verdicts import VERDICTS
from grader.reports.cleaning import one_line, printable


def summary(record: ResultRecord) -> str:
    """Return the text for a record of practice: all checks as a list, then what to look at where one failed."""
    blocks = [f"## {one_line(record.heading)}", f"**{total(record)}** {PRACTICE}"]
    blocks += [f"> {at_home(notice)}" for notice in record.notices]
    for part in record.parts:
        blocks += _part(part)
    return "\n\n".join(blocks) + "\n\n"


def _part(part: PartRecord) -> Iterator[str]:
    yield f"### {one_line(part.title)}"
    yield "\n".join(f"- {_mark(check)} {one_line(title(check), 500)}" for check in part.checks)
    for check in (check for check in part.checks if check.verdict not in SAY_ENOUGH):
        yield f"#### {_mark(check)} {one_line(check.title, 500)}"
        yield at_home(check.message or VERDICTS[check.verdict].sentence)
        yield from _fenced("\n".join(seen(check)))
    yield from (f"Your code printed:\n\n{block}" for block in _fenced(printable(part.output, 4000)))


def _mark(check: CheckRecord) -> str:
    return "✅" if check.verdict is Verdict.passed else "❌"


def _fenced(text: str) -> Iterator[str]:
    """Yield text as a block of code, which shows it as it is: longer fences than any in it enclose it."""
    if text.strip():
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 0)
        yield f"{fence}text\n{text.strip(chr(10))}\n{fence}"
