"""Write the table of docs/attacks.md: what every level stops, made from the hostile submissions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from grader.attack.suite import Attack
from grader.errors import CourseError
from grader.files import whole_file

LEVELS = ("bubblewrap", "uid", "process")
_BEGIN, _END = "<!-- BEGIN TABLE -->\n", "<!-- END TABLE -->"


def markdown(suite: Sequence[Attack]) -> str:
    """Return the table: one line per row of attacks, and why a level does not stop one."""
    lines = [f"| row | what is tried | {' | '.join(LEVELS)} |", f"|{'---|' * (2 + len(LEVELS))}"]
    for row, attacks in groupby(suite, key=lambda attack: attack.row):
        tried = list(attacks)
        titles = "<br>".join(_plain(attack.expectation.title) for attack in tried)
        lines.append(f"| {row} | {titles} | {' | '.join(_result(tried, level) for level in LEVELS)} |")
    return "\n".join(lines) + "\n"


def write(path: Path, suite: Sequence[Attack]) -> None:
    """Write the table between its marks in a Markdown file; raises CourseError if the marks are missing."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise CourseError(f"{path} has no lines {_BEGIN.strip()} and {_END} to write the table between")
    whole_file.write(path, (before + begin + markdown(suite) + end + after).encode())


def _result(attacks: Sequence[Attack], level: str) -> str:
    through = [attack.expectation for attack in attacks if level in attack.expectation.allowed]
    if not through:
        return " and ".join(sorted({attack.expectation.how for attack in attacks}, reverse=True))
    reasons = "; ".join(_plain(f"{expectation.title}: {expectation.allowed[level].why}") for expectation in through)
    return f"**{len(through)} of {len(attacks)} not stopped** ({reasons})"


def _plain(words: str) -> str:
    """Escape text, so that nothing in it is markup or ends the cell."""
    for mark in ("\\", "|", "*", "_", "`", "<", ">"):
        words = words.replace(mark, f"\\{mark}")
    return words
