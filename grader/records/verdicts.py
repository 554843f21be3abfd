"""The verdicts, and one table with all that grading, reports and audits need to know about each.

To add a verdict, add a member to `Verdict`, a row to `VERDICTS`, and an icon to the reports' macros.html.j2.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple


class Verdict(StrEnum):
    """The outcome of one check. Only ``grader_error`` is our fault; a score with one is never final."""

    passed = "passed"
    failed = "failed"
    crashed = "crashed"
    timed_out = "timed_out"
    out_of_memory = "out_of_memory"
    not_implemented = "not_implemented"
    missing = "missing"
    skipped = "skipped"
    grader_error = "grader_error"

    @property
    def is_for_the_student(self) -> bool:
        """Return whether the check judged the student's code and found something to change."""
        return VERDICTS[self].at_fault == "student"


class VerdictKind(NamedTuple):
    """The properties of a verdict.

    ``at_fault`` says who must change something. Students read ``label`` and ``sentence``; ``tone`` is the class in
    style.css that colours the check. ``letter`` stands for the verdict in an audit's tables of lost marks; ``junit`` is
    its element in JUnit XML, empty for none. ``may_tell_inputs`` says whether a check's message can depend on its
    inputs, which hidden checks must not show.
    """

    at_fault: Literal["student", "nobody", "us"]
    label: str
    sentence: str
    tone: Literal["good", "work", "quiet", "ours"] = "work"
    letter: str = ""
    junit: Literal["", "failure", "skipped", "error"] = "failure"
    may_tell_inputs: bool = True


VERDICTS: Mapping[Verdict, VerdictKind] = MappingProxyType(
    {
        Verdict.passed: VerdictKind("nobody", "Passed", "Your code does what this check asks.", tone="good", junit=""),
        Verdict.failed: VerdictKind(
            "student",
            "Not right yet",
            "Your code ran and gave an answer, but not the one this check expects.",
            letter="F",
        ),
        Verdict.crashed: VerdictKind(
            "student", "Crashed", "Your code stopped with an error before it gave a usable answer.", letter="C"
        ),
        Verdict.timed_out: VerdictKind(
            "student",
            "Out of time",
            "Your code was still running when its time was up. Look for a loop that never ends, or for many "
            "small steps that one matrix operation could replace.",
            letter="T",
        ),
        Verdict.out_of_memory: VerdictKind(
            "student",
            "Out of memory",
            "Your code used more memory than this check allows. Look for something that grows with "
            "every step, or for a table far larger than the result.",
            letter="M",
        ),
        Verdict.not_implemented: VerdictKind(
            "student",
            "Not written yet",
            "This function still has the body it has in the template.",
            tone="quiet",
            letter="N",
            may_tell_inputs=False,
        ),
        Verdict.missing: VerdictKind(
            "student",
            "Missing",
            "This function was found in none of your files.",
            letter="X",
            may_tell_inputs=False,
        ),
        Verdict.skipped: VerdictKind(
            "nobody",
            "Skipped",
            "This check was not run.",
            tone="quiet",
            letter="-",
            junit="skipped",
            may_tell_inputs=False,
        ),
        Verdict.grader_error: VerdictKind(
            "us",
            "Our error",
            "This is our fault, not yours. Your score becomes final after a person has looked at it.",
            tone="ours",
            letter="?",
            junit="error",
            may_tell_inputs=False,
        ),
    }
)
