"""Judge an audit of a part: which checks catch which mistake, which mutants survive, whether right solutions pass."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from grader.audit.kept import CheckResult
from grader.audit.mutants import Mutant
from grader.audit.proof import proof_of
from grader.audit.runs import Results
from grader.audit.summary import Failure, MistakeSummary, MutantSummary, RightSummary, Summary
from grader.audit.tasks import REFERENCE, AuditPlan
from grader.course.catalog import Part
from grader.records.record import Verdict

SHARE_OF_MUTANTS = 0.95  # the share of the mutants that are not equivalent that must be caught


@dataclass(frozen=True, slots=True)
class MistakeFinding:
    """What the audit found of a known mistake: the checks it failed, by name."""

    name: str
    failed: dict[str, CheckResult]

    @property
    def named_as(self) -> tuple[str, ...]:
        """The mistakes that its feedback names, those that it cannot tell apart too; only this one if all is well."""
        return tuple(dict.fromkeys(name for check in self.failed.values() for name in check.names))

    @property
    def recognised(self) -> bool:
        """Whether its feedback names it."""
        return self.name in self.named_as


@dataclass(frozen=True, slots=True)
class MutantFinding:
    """What the audit found of a mutant; ``reason`` is why ``part.toml`` calls it equivalent.

    ``named`` tells whether that entry of ``part.toml`` means this mutant alone and not several.
    """

    mutant: Mutant
    caught_by: tuple[CheckResult, ...]
    reason: str = ""
    named: bool = False

    @property
    def state(self) -> Literal["caught", "equivalent", "survived"]:
        """Whether it is caught, equivalent or a survivor; a mutant that loses marks is never equivalent."""
        if self.caught_by:
            return "caught"
        return "equivalent" if self.reason else "survived"

    @property
    def timed_out(self) -> bool:
        """Whether it was caught only because time ran out."""
        verdicts = {check.verdict for check in self.caught_by} - {Verdict.skipped}
        return verdicts == {Verdict.timed_out}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFindings:
    """Everything an audit found of one part."""

    part: Part
    checks: dict[str, str]  # title by name, in the order of the check file
    mistakes: tuple[MistakeFinding, ...]
    mutants: tuple[MutantFinding, ...] | None  # None if they were not wanted
    right: dict[str, RightSummary]
    stale: tuple[str, ...]  # listed in part.toml as equivalent, but no mutant of this reference
    faults: tuple[str, ...]  # ours: what could not be graded
    proof: dict[str, tuple[str, ...]] = field(default_factory=dict)  # checks that catch each mistake; a few of them

    @property
    def harmless(self) -> tuple[MistakeFinding, ...]:
        """Mistakes that lose no marks."""
        return tuple(mistake for mistake in self.mistakes if not mistake.failed)

    @property
    def unnamed(self) -> tuple[MistakeFinding, ...]:
        """Mistakes that lose marks but are not named in the feedback."""
        return tuple(mistake for mistake in self.mistakes if mistake.failed and not mistake.recognised)

    @property
    def named(self) -> int:
        """How many mistakes the feedback names."""
        return sum(mistake.recognised for mistake in self.mistakes)

    def mutants_that(self, state: str) -> tuple[MutantFinding, ...]:
        """Return the mutants that were ``caught``, that ``survived``, or that are ``equivalent``."""
        return tuple(mutant for mutant in self.mutants or () if mutant.state == state)

    @property
    def mislabelled(self) -> tuple[MutantFinding, ...]:
        """Mutants that part.toml calls equivalent by name and that lose marks."""
        return tuple(mutant for mutant in self.mutants_that("caught") if mutant.named)

    @property
    def timed_out(self) -> tuple[MutantFinding, ...]:
        """Mutants caught only because time ran out; if there are many, the machine was busy or the checks are blunt."""
        return tuple(mutant for mutant in self.mutants or () if mutant.timed_out)

    @property
    def share(self) -> float:
        """The share of the mutants that are not equivalent that was caught."""
        caught, survived = len(self.mutants_that("caught")), len(self.mutants_that("survived"))
        return caught / (caught + survived) if caught + survived else 1.0

    @property
    def unfair(self) -> dict[str, tuple[Failure, ...]]:
        """Right solutions that lost marks in a grading."""
        return {name: right.failures for name, right in self.right.items() if right.failures}

    @property
    def good(self) -> bool:
        """Whether the part's checks are as sharp and as fair as they must be."""
        return not (self.harmless or self.unfair or self.faults) and self.share >= SHARE_OF_MUTANTS


def findings_of(plan: AuditPlan, results: Results) -> PartFindings:
    """Judge the gradings of one part."""
    mistakes = {task.name: graded for task in plan.mistakes if (graded := results.get(task))}
    mutants = {task.name: graded for task in plan.mutated if (graded := results.get(task))}
    reasons = plan.part.config.equivalent
    judged = tuple(
        MutantFinding(
            mutant, mutants[mutant.identity].caught_by, _reason(mutant.identity, reasons), mutant.identity in reasons
        )
        for mutant in plan.mutants
        if mutant.identity in mutants
    )
    listed = {entry for mutant in plan.mutants for entry in reasons if _fits(entry, mutant.identity)}
    return PartFindings(
        part=plan.part,
        checks={check.name: check.title for graded in mistakes.values() for check in graded.checks},
        mistakes=tuple(
            MistakeFinding(name, {c.name: c for c in graded.caught_by}) for name, graded in mistakes.items()
        ),
        mutants=judged if plan.with_mutants else None,
        right=_right(plan, results),
        stale=tuple(sorted(reasons.keys() - listed)) if plan.with_mutants else (),
        faults=tuple(_faults(plan, results)),
        proof=proof_of(plan.part, mistakes, plan.known_proof),
    )


def _fits(entry: str, identity: str) -> bool:
    """Tell whether an entry of ``[equivalent]`` means a mutant: by its identity, or by its beginning (``f: *``)."""
    return identity.startswith(entry[:-1]) if entry.endswith("*") else identity == entry


def _reason(identity: str, reasons: dict[str, str]) -> str:
    """Return why a mutant is called equivalent; its own entry goes before one for several mutants."""
    return reasons.get(identity) or next((why for entry, why in reasons.items() if _fits(entry, identity)), "")


def _faults(plan: AuditPlan, results: Results) -> Iterator[str]:
    """Name the solutions that could not be graded and the checks that failed themselves."""
    for task in plan.tasks:
        if task.key in results.faults:
            yield f"{task.kind} {task.name}: {results.faults[task.key]}"
        elif graded := results.get(task):
            yield from (f"{task.kind} {task.name}: {check.name}: {check.said}" for check in graded.faults)


def summary_of(plan: AuditPlan, found: PartFindings) -> Summary:
    """Return what the course keeps of an audit; what it did not grade again stays as it is stored."""
    unasked = plan.stored if plan.gradings == 0 and plan.changed else None
    return Summary(
        ground_sha256=plan.ground,
        reference_sha256=plan.hashes[REFERENCE],
        environment=f"{platform.system()} {platform.machine()}, mini data, cpu",
        right=unasked.right if unasked else dict(sorted(found.right.items())),
        checks=unasked.checks if unasked else plan.check_hashes,
        mistakes=MistakeSummary(
            total=len(found.mistakes),
            caught=len(found.mistakes) - len(found.harmless),
            recognised=found.named,
        ),
        mutants=plan.known_mutants
        if found.mutants is None
        else MutantSummary(
            total=len(found.mutants),
            caught=len(found.mutants_that("caught")),
            equivalent=len(found.mutants_that("equivalent")),
            survivors=tuple(finding.mutant.identity for finding in found.mutants_that("survived")),
        ),
        proof=found.proof,
    )


def _right(plan: AuditPlan, results: Results) -> dict[str, RightSummary]:
    """Return the gradings of right solutions: the stored ones that still hold, and those that this run made."""
    found = {}
    for name, sha256 in plan.hashes.items():
        done = [(task.seed, graded) for task in plan.gradings_of(name) if (graded := results.get(task))]
        failures = (
            Failure(seed=seed, check=check.name, verdict=check.verdict.value, said=check.said)
            for seed, graded in done
            for check in graded.lost
        )
        gradings = len({*range(plan.known(name)), *(seed for seed, _ in done)})
        if gradings:
            found[name] = RightSummary(
                sha256=sha256, gradings=gradings, failures=(*plan.known_failures(name), *failures)
            )
    return found
