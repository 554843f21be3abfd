"""Whose fault it is when a check itself ends in an exception: the reference is asked the same.

A check may meet a value that its author did not think of: an integer beyond every float, a tensor without elements.
Where the reference passes the same check with the same inputs and seeds, what the student returned was the reason, and
it is judged. Only where the reference does not is the fault ours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec

from grader.plugin import PartRun
from grader.record import Verdict
from grader.turns import Call


def settle(run: PartRun, ask_reference: Callable[[Collection[str]], PartRun]) -> None:
    """Judge the checks of ``run`` that broke; ``ask_reference`` runs checks by name on the reference."""
    if not run.broken:
        return
    reference = ask_reference(run.broken)
    for name in run.broken:
        if reference.results[name].verdict is Verdict.passed:
            record = run.results[name]
            run.results[name] = msgspec.structs.replace(
                record,
                verdict=Verdict.failed,
                message=f"This check cannot work with what {_functions(run.calls[name])} returned. "
                "Compare its type, its size and its values with what the template's docstring promises.",
                detail=f"The check stopped with {record.detail}",
            )


def _functions(calls: Collection[Call]) -> str:
    """The functions that a check called, as words."""
    names = dict.fromkeys(call.entry_point for call in calls if call.entry_point.isidentifier())
    return " and ".join(f"`{name}`" for name in names) or "your code"
