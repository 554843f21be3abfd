"""Render an audit as one self-contained HTML page, with the style of the feedback reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from jinja2 import Environment

from grader.audit.findings import SHARE_OF_MUTANTS, PartFindings
from grader.audit.kept import CheckResult
from grader.records.record import Verdict
from grader.records.verdicts import VERDICTS
from grader.reports.jinja import make_environment


class CheckCell(NamedTuple):
    """The result of one check for one mistake: a letter for the verdict, and how the feedback named the mistake."""

    letter: str
    words: str
    tone: str  # named, misnamed, caught, skipped, or empty if no marks were lost


class OperatorRow(NamedTuple):
    """How many mutants of one operator were caught, survived, or are equivalent."""

    operator: str
    caught: int
    survived: int
    equivalent: int


def render_audit(findings: Sequence[PartFindings]) -> str:
    """Render the page of one audit."""
    template = _environment().get_template("audit.html.j2")
    letters = {verdict: kind.letter for verdict, kind in VERDICTS.items() if kind.letter and kind.at_fault != "us"}
    return template.render(findings=findings, letters=letters, share=SHARE_OF_MUTANTS)


def cell_of(mistake: str, check: CheckResult | None) -> CheckCell:
    """Return what the matrix shows for one mistake and one check."""
    if check is None:
        return CheckCell("", "full marks", "")
    letter = VERDICTS[check.verdict].letter
    words = check.verdict.value.replace("_", " ")
    if check.verdict is Verdict.skipped:
        return CheckCell(letter, words, "skipped")
    if mistake in check.names:
        return CheckCell(letter, f"{words}, named in the feedback", "named")
    if check.mistake:
        return CheckCell(letter, f"{words}, named as {check.mistake}", "misnamed")
    return CheckCell(letter, words, "caught")


def catches(findings: PartFindings) -> dict[str, int]:
    """Count the mistakes that each check catches, by the check's name."""
    failed = [check for mistake in findings.mistakes for check in mistake.failed.values()]
    counts = Counter(check.name for check in failed if check.verdict is not Verdict.skipped)
    return {name: counts[name] for name in findings.checks}


def operator_rows(findings: PartFindings) -> list[OperatorRow]:
    """Return the counts of mutants by operator, in alphabetical order."""
    counts = Counter((found.mutant.operator, found.state) for found in findings.mutants or ())
    return [
        OperatorRow(name, *(counts[name, state] for state in ("caught", "survived", "equivalent")))
        for name in sorted({operator for operator, _ in counts})
    ]


@cache
def _environment() -> Environment:
    names = {"cell_of": cell_of, "catches": catches, "operator_rows": operator_rows}
    return make_environment("grader.audit", names=names)
