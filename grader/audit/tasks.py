"""Plan what an audit of a part grades: known mistakes, mutants, and right solutions many times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from grader.audit.kept import Graded, ground_of, key_of
from grader.audit.mutants import Mutant, mutants_of
from grader.audit.summary import RightSummary, Summary, read
from grader.course import fingerprint
from grader.course.catalog import Part
from grader.course.part_toml import Cap

REFERENCE = "reference"

_SEED = 0
_PATIENCE = 10.0  # a mutant gets this many times the reference's own time ...
_LEAST_CALL_SECONDS = 2.0  # ... and at least this: a quick run is mostly start-up, and the machine may be busy
_LEAST_PART_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One grading of a file or of a mutant's source."""

    part: Part
    kind: Literal["right", "mistake", "mutant"]
    name: str
    key: str
    seed: int = _SEED
    path: Path | None = None
    source: str = ""

    @property
    def label(self) -> str:
        """The name of the task while it runs; it is unique."""
        return f"{self.part.name}/{self.name}/{self.kind}/{self.seed}"


@dataclass(frozen=True)
class AuditPlan:
    """The tasks of one part: its right solutions ``gradings`` times each, its mistakes, and its mutants if wanted.

    ``again`` means: do not use the stored gradings of right solutions.
    """

    part: Part
    gradings: int
    with_mutants: bool = True
    again: bool = False

    @cached_property
    def ground(self) -> str:
        """The hash of everything that all gradings of the part depend on."""
        return ground_of(self.part)

    @cached_property
    def stored(self) -> Summary | None:
        """What the last audit stored, if checks, fixture data and configuration are still the same."""
        summary = read(self.part)
        return summary if summary is not None and summary.ground_sha256 == self.ground else None

    @cached_property
    def known_proof(self) -> dict[str, tuple[str, ...]]:
        """Which checks are known to catch each mistake; they are tried, so what they were measured on may be old."""
        summary = None if self.again else read(self.part)
        return summary.proof if summary else {}

    @cached_property
    def trusted(self) -> dict[str, RightSummary]:
        """The right solutions with stored gradings that still hold: those with the seeds 0, 1, 2, ..."""
        if self.stored is None or self.again:
            return {}
        return {
            name: right
            for name, right in self.stored.right.items()
            if self.hashes.get(name) == right.sha256 and not right.timed_out
        }

    def seeds(self, name: str) -> range:
        """Return the seeds that this run grades a right solution with: those that are not stored yet."""
        stored = self.trusted.get(name)
        return range(stored.gradings if stored else 0, self.gradings)

    @cached_property
    def mutants(self) -> tuple[Mutant, ...]:
        """The mutants of the reference; none if they are not wanted."""
        return mutants_of(self.part.reference.read_text(encoding="utf-8")) if self.with_mutants else ()

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The hash of every right solution's code, by name."""
        return {
            name: fingerprint.of_code(path.read_text(encoding="utf-8"))
            for name, path in self.part.right_solutions.items()
        }

    @cached_property
    def right(self) -> tuple[Task, ...]:
        """Gradings of the reference and its variants, as often as wanted; the reference at least once, for its time."""
        tasks = []
        for name, path in self.part.right_solutions.items():
            for seed in self.seeds(name) or range(int(name == REFERENCE and self.with_mutants)):
                key = key_of("right", self.ground, self.hashes[name], seed)
                tasks.append(Task(part=self.part, kind="right", name=name, key=key, seed=seed, path=path))
        return tuple(tasks)

    @cached_property
    def mistakes(self) -> tuple[Task, ...]:
        """Gradings of the known mistakes. Which of them the feedback names depends on all of them."""
        hashes = {
            path: fingerprint.of_code(path.read_text(encoding="utf-8"))
            for path in (self.part.reference, *self.part.mistakes)
        }
        known = key_of(*(f"{path.stem} {sha}" for path, sha in hashes.items()))
        return tuple(
            Task(
                part=self.part,
                kind="mistake",
                name=path.stem,
                key=key_of("mistake", self.ground, known, path.stem),
                path=path,
            )
            for path in self.part.mistakes
        )

    @cached_property
    def mutated(self) -> tuple[Task, ...]:
        """Gradings of the mutants."""
        return tuple(
            Task(
                part=self.part,
                kind="mutant",
                name=mutant.identity,
                key=key_of("mutant", self.ground, fingerprint.of_code(mutant.source)),
                source=mutant.source,
            )
            for mutant in self.mutants
        )

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All gradings of this plan."""
        return (*self.right, *self.mistakes, *self.mutated)


def cap_for_mutants(reference: Graded) -> Cap:
    """Return how long a mutant may take, so that an endless loop does not cost minutes."""
    return Cap(
        call_seconds=max(_LEAST_CALL_SECONDS, _PATIENCE * reference.slowest),
        part_seconds=max(_LEAST_PART_SECONDS, _PATIENCE * reference.seconds),
    )
