"""What an audit found of a part: which checks catch which mistake, which mutants survive, whether right is right."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from grader.audit.kept import CheckResult
from grader.audit.mutants import Mutant
from grader.audit.runs import Results
from grader.audit.summary import Failure, MistakeSummary, MutantSummary, RightSummary, Summary
from grader.audit.tasks import REFERENCE, Plan
from grader.course.catalog import Part
from grader.records.record import Verdict

SHARE_OF_MUTANTS = 0.95  # of those that are not equivalent, how many must be caught


@dataclass(frozen=True, slots=True)
class MistakeFinding:
    """What became of a known mistake: the checks it failed, by name."""

    name: str
    failed: dict[str, CheckResult]

    @property
    def named_as(self) -> tuple[str, ...]:
        """The mistakes that its feedback names; this one, if all is well."""
        return tuple(dict.fromkeys(check.mistake for check in self.failed.values() if check.mistake))

    @property
    def recognised(self) -> bool:
        """Whether its feedback names it."""
        return self.name in self.named_as


@dataclass(frozen=True, slots=True)
class MutantFinding:
    """What became of a mutant; ``reason`` is what ``part.toml`` says for its being equivalent.

    ``named`` tells whether it says so of this mutant alone, and not of several at once.
    """

    mutant: Mutant
    caught_by: tuple[CheckResult, ...]
    reason: str = ""
    named: bool = False

    @property
    def state(self) -> Literal["caught", "equivalent", "survived"]:
        """Caught counts first: a mutant that loses marks is not equivalent, whatever was said of it."""
        if self.caught_by:
            return "caught"
        return "equivalent" if self.reason else "survived"

    @property
    def timed_out(self) -> bool:
        """Whether all that caught it was the clock."""
        verdicts = {check.verdict for check in self.caught_by} - {Verdict.skipped}
        return verdicts == {Verdict.timed_out}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFindings:
    """All that an audit found of one part."""

    part: Part
    checks: dict[str, str]  # title by name, in the order of the check file
    mistakes: tuple[MistakeFinding, ...]
    mutants: tuple[MutantFinding, ...] | None  # None: not asked for
    right: dict[str, RightSummary]
    stale: tuple[str, ...]  # listed as equivalent, and not a mutant of this reference
    faults: tuple[str, ...]  # ours: what could not be graded

    @property
    def harmless(self) -> tuple[MistakeFinding, ...]:
        """Mistakes that lose no marks."""
        return tuple(mistake for mistake in self.mistakes if not mistake.failed)

    @property
    def unnamed(self) -> tuple[MistakeFinding, ...]:
        """Mistakes that lose marks, but are not told by name."""
        return tuple(mistake for mistake in self.mistakes if mistake.failed and not mistake.recognised)

    def mutants_that(self, state: str) -> tuple[MutantFinding, ...]:
        """The mutants that were ``caught``, ``survived``, or are ``equivalent``."""
        return tuple(mutant for mutant in self.mutants or () if mutant.state == state)

    @property
    def mislabelled(self) -> tuple[MutantFinding, ...]:
        """Mutants said by name to be equivalent that lose marks all the same."""
        return tuple(mutant for mutant in self.mutants_that("caught") if mutant.named)

    @property
    def timed_out(self) -> tuple[MutantFinding, ...]:
        """Mutants that only the clock caught; many of them mean that the machine was busy, or the checks are blunt."""
        return tuple(mutant for mutant in self.mutants or () if mutant.timed_out)

    @property
    def share(self) -> float:
        """How many of the mutants that are not equivalent were caught."""
        caught, survived = len(self.mutants_that("caught")), len(self.mutants_that("survived"))
        return caught / (caught + survived) if caught + survived else 1.0

    @property
    def unfair(self) -> dict[str, tuple[Failure, ...]]:
        """Right solutions that lost marks in a grading."""
        return {name: right.failures for name, right in self.right.items() if right.failures}

    @property
    def good(self) -> bool:
        """Whether the part is as sharp and as fair as it must be."""
        return not (self.harmless or self.unfair or self.faults) and self.share >= SHARE_OF_MUTANTS


def findings_of(plan: Plan, results: Results) -> PartFindings:
    """Judge what was graded of one part."""
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
        right=_right(plan, results) | plan.trusted,
        stale=tuple(sorted(reasons.keys() - listed)) if plan.with_mutants else (),
        faults=tuple(_faults(plan, results)),
    )


def _fits(entry: str, identity: str) -> bool:
    """Whether an entry of ``[equivalent]`` means a mutant: by its whole identity, or by how it begins (``f: *``)."""
    return identity.startswith(entry[:-1]) if entry.endswith("*") else identity == entry


def _reason(identity: str, reasons: dict[str, str]) -> str:
    """Why a mutant is said to be equivalent; what is said of itself comes before what is said of several."""
    return reasons.get(identity) or next((why for entry, why in reasons.items() if _fits(entry, identity)), "")


def _faults(plan: Plan, results: Results) -> Iterator[str]:
    """What could not be graded, and what was but made a check of ours fail."""
    for task in plan.tasks:
        if task.key in results.faults:
            yield f"{task.kind} {task.name}: {results.faults[task.key]}"
        elif graded := results.get(task):
            yield from (f"{task.kind} {task.name}: {check.name}: {check.said}" for check in graded.faults)


def summary_of(plan: Plan, found: PartFindings) -> Summary:
    """What the course keeps of an audit; without mutants this time, what is known of them already."""
    stored = plan.stored
    known = stored.mutants if stored and stored.reference_sha256 == plan.hashes[REFERENCE] else None
    return Summary(
        ground_sha256=plan.ground,
        reference_sha256=plan.hashes[REFERENCE],
        environment=f"{platform.system()} {platform.machine()}, mini data, cpu",
        right=dict(sorted(found.right.items())),
        mistakes=MistakeSummary(
            total=len(found.mistakes),
            caught=len(found.mistakes) - len(found.harmless),
            recognised=sum(mistake.recognised for mistake in found.mistakes),
        ),
        mutants=known
        if found.mutants is None
        else MutantSummary(
            total=len(found.mutants),
            caught=len(found.mutants_that("caught")),
            equivalent=len(found.mutants_that("equivalent")),
            survivors=tuple(finding.mutant.identity for finding in found.mutants_that("survived")),
        ),
    )


def _right(plan: Plan, results: Results) -> dict[str, RightSummary]:
    """The gradings of right solutions that this run asked for."""
    found = {}
    for name, sha256 in plan.hashes.items():
        tasks = [task for task in plan.right if task.name == name and task.seed < plan.wanted(name)]
        done = [(task.seed, graded) for task in tasks if (graded := results.get(task))]
        failures = (
            Failure(seed=seed, check=check.name, verdict=check.verdict.value, said=check.said)
            for seed, graded in done
            for check in graded.lost
        )
        if done:
            found[name] = RightSummary(sha256=sha256, gradings=len(done), failures=tuple(failures))
    return found
