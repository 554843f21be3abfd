"""The verdicts, and one table with everything that grading, reports and audits need to know of each.

A new verdict is a member of `Verdict`, a row of `VERDICTS`, and a drawing in the reports' macros.html.j2.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple


class Verdict(StrEnum):
    """The outcome of one check. Only ``grader_error`` is our fault, and it never yields a final score."""

    passed = "passed"
    failed = "failed"
    crashed = "crashed"
    timed_out = "timed_out"
    out_of_memory = "out_of_memory"
    not_implemented = "not_implemented"
    skipped = "skipped"
    grader_error = "grader_error"

    @property
    def is_for_the_student(self) -> bool:
        """Whether the student's code was judged, and something in it is to be changed."""
        return VERDICTS[self].at_fault == "student"


class VerdictKind(NamedTuple):
    """What is known of a verdict.

    ``at_fault`` says who must change something. ``label`` and ``sentence`` tell the student; ``tone`` is the class of
    style.css that colours the check. ``letter`` stands for it in an audit's tables of lost marks, ``junit`` is its
    element in JUnit XML, empty for none. ``may_tell_inputs`` says whether the message of a check can depend on its
    inputs, which a hidden check keeps to itself.
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
