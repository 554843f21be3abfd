"""The audit as one self-contained HTML page: looks and skeleton are those of the feedback reports."""

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
    """One check of one mistake: a letter for the verdict, and how the feedback named it."""

    letter: str
    words: str
    tone: str  # named, misnamed, caught, skipped, or empty where no marks were lost


class OperatorRow(NamedTuple):
    """How many mutants of one kind were caught, survived, or are equivalent."""

    operator: str
    caught: int
    survived: int
    equivalent: int


def render_audit(findings: Sequence[PartFindings]) -> str:
    """Render the page of one audit."""
    template = _environment().get_template("audit.html.j2")
    return template.render(findings=findings, letters=_LETTERS, share=SHARE_OF_MUTANTS)


def cell_of(mistake: str, check: CheckResult | None) -> CheckCell:
    """What the matrix shows for one mistake and one check."""
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
    """How many mistakes each check judges to be wrong, by its name."""
    failed = [check for mistake in findings.mistakes for check in mistake.failed.values()]
    counts = Counter(check.name for check in failed if check.verdict is not Verdict.skipped)
    return {name: counts[name] for name in findings.checks}


def operator_rows(findings: PartFindings) -> list[OperatorRow]:
    """The mutants by operator, in the order of the alphabet."""
    counts = Counter((found.mutant.operator, found.state) for found in findings.mutants or ())
    return [
        OperatorRow(name, *(counts[name, state] for state in ("caught", "survived", "equivalent")))
        for name in sorted({operator for operator, _ in counts})
    ]


@cache
def _environment() -> Environment:
    """Autoescape everywhere; a missing name is an error; what deceives the eye is cleaned, as in the reports."""
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
