"""Render an audit as one self-contained HTML page, with the style of the feedback reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from grader.audit.findings import SHARE_OF_MUTANTS, PartFindings
from grader.audit.kept import CheckResult
from grader.records.record import Verdict
from grader.reports.cleaning import printable

_LETTERS = MappingProxyType(
    {
        Verdict.failed: "F",
        Verdict.crashed: "C",
        Verdict.timed_out: "T",
        Verdict.out_of_memory: "M",
        Verdict.not_implemented: "N",
        Verdict.skipped: "-",
    }
)


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
    return template.render(findings=findings, letters=_LETTERS, share=SHARE_OF_MUTANTS)


def cell_of(mistake: str, check: CheckResult | None) -> CheckCell:
    """Return what the matrix shows for one mistake and one check."""
    if check is None:
        return CheckCell("", "full marks", "")
    letter = _LETTERS.get(check.verdict, "?")
    words = check.verdict.value.replace("_", " ")
    if check.verdict is Verdict.skipped:
        return CheckCell(letter, words, "skipped")
    if check.mistake == mistake:
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
    """Autoescape everywhere; make a missing name an error; clean text that deceives the eye, as the reports do."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=ChoiceLoader([PackageLoader("grader.audit"), PackageLoader("grader.reports")]),
        finalize=_clean,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"cell_of": cell_of, "catches": catches, "operator_rows": operator_rows}
    return environment


def _clean(value: Any) -> Any:
    return printable(value) if type(value) is str else value
