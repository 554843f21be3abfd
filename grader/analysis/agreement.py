"""Find pairs of checks that always agree: one of the two may be left out, or asks the same as the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from grader.analysis.counted import every_check, is_comparable, is_judged
from grader.analysis.figures import is_no_chance
from grader.analysis.results import AgreeingPair
from grader.records.record import ResultRecord, Verdict


def agreeing_pairs(checks: Sequence[tuple[str, str]], records: Sequence[ResultRecord]) -> tuple[AgreeingPair, ...]:
    """Return the pairs of ``checks`` (part, name) that give every submission the same verdict: passed or not.

    Only submissions count that both checks judged. A pair must vary, and its agreement must be hardly chance
    (`is_no_chance`).
    """
    passed = dict.fromkeys(checks, 0)
    judged = dict.fromkeys(checks, 0)
    # A check's verdicts are the bits of two integers, so that comparing two checks takes one step, not one a student.
    for at, record in enumerate(filter(is_comparable, records)):
        for part, check in every_check(record):
            key = part.name, check.name
            judged[key] |= is_judged(check) << at
            passed[key] |= (check.verdict is Verdict.passed) << at
    return tuple(
        AgreeingPair(first="/".join(one), second="/".join(other), judged=both.bit_count(), passed=agreed.bit_count())
        for one, other in combinations(checks, 2)
        if (agreed := passed[one] & (both := judged[one] & judged[other])) == passed[other] & both
        and is_no_chance(both.bit_count(), both.bit_count() - agreed.bit_count())
    )
