"""Decide whose fault it is when a check itself raises: run the same check on the reference.

A check may meet a value that its author did not think of: an integer beyond every float, a tensor without elements.
Where the reference passes the same check with the same inputs and seeds, what the student returned was the reason, and
it is judged. Only where the reference does not is the fault ours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from grader.grading.call_log import Call
from grader.grading.part_run import PartOutcome
from grader.records.record import CheckRecord, Verdict


def judged(
    outcome: PartOutcome, ask_reference: Callable[[Collection[str]], PartOutcome] | None
) -> dict[str, CheckRecord]:
    """Return new records for the checks that broke on what a student returned, by name.

    ``ask_reference`` runs checks by name on the reference; None if the reference is known to pass them. A check that
    breaks there too stays our fault.
    """
    if not outcome.broken:
        return {}
    reference = ask_reference(outcome.broken) if ask_reference else None
    return {
        name: msgspec.structs.replace(
            outcome.records[name],
            verdict=Verdict.failed,
            message=f"This check cannot work with what {_functions(outcome.calls[name])} returned. "
            "Compare its type, its size and its values with what the template's docstring promises.",
            detail=f"The check stopped with {outcome.records[name].detail}",
        )
        for name in outcome.broken
        if reference is None or reference.records[name].verdict is Verdict.passed
    }


def _functions(calls: Collection[Call]) -> str:
    """Name the functions that a check called."""
    names = dict.fromkeys(call.entry_point for call in calls if call.entry_point.isidentifier())
    return " and ".join(f"`{name}`" for name in names) or "your code"
