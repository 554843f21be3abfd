"""Write the table of docs/attacks.md: what every level stops, made from the hostile submissions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from grader.attack.suite import Attack
from grader.files.between_marks import escaped

LEVELS = ("bubblewrap", "uid", "process")


def markdown(suite: Sequence[Attack]) -> str:
    """Return the table: one line per row of attacks, and why a level does not stop one."""
    lines = [f"| row | what is tried | {' | '.join(LEVELS)} |", f"|{'---|' * (2 + len(LEVELS))}"]
    for row, attacks in groupby(suite, key=lambda attack: attack.row):
        tried = list(attacks)
        titles = "<br>".join(escaped(attack.expectation.title) for attack in tried)
        lines.append(f"| {row} | {titles} | {' | '.join(_result(tried, level) for level in LEVELS)} |")
    return "\n".join(lines) + "\n"


def _result(attacks: Sequence[Attack], level: str) -> str:
    through = [attack.expectation for attack in attacks if level in attack.expectation.allowed]
    if not through:
        return " and ".join(sorted({attack.expectation.how for attack in attacks}, reverse=True))
    reasons = "; ".join(escaped(f"{expectation.title}: {expectation.allowed[level].why}") for expectation in through)
    return f"**{len(through)} of {len(attacks)} not stopped** ({reasons})"
