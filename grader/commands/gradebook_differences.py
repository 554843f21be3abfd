"""Who has other points in one grading than in another, as rows to print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from grader.records.record import ResultRecord

if TYPE_CHECKING:
    from grader.gradebook.difference import Moved

NOBODY_MOVED = "all checks gave everybody the same points in both"


def difference_rows(before: Iterable[ResultRecord], after: Iterable[ResultRecord]) -> list[dict[str, Any]]:
    """Return a row for each submission that moved: from and to how many points, and because of which checks."""
    from grader.gradebook.difference import differences

    return [
        {
            "submission": one.submission,
            "before": one.before,
            "after": one.after,
            "by": one.by,
            "because": "; ".join(f"{moved.part}/{moved.check} {_how(moved)}" for moved in one.checks),
        }
        for one in differences(before, after)
    ]


def _how(moved: Moved) -> str:
    """Return how a check's verdict changed; its points, where only these did."""
    before, _, after = moved.verdicts.partition(" → ")
    return moved.verdicts if before != after else f"{moved.before:g} → {moved.after:g} points"
