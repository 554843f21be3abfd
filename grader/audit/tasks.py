"""What an audit has to grade of a part: known mistakes, mutants, and right solutions many times."""

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
_LEAST_CALL_SECONDS = 2.0  # ... and at least this: what is quick is mostly start-up, and the machine may be busy
_LEAST_PART_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One grading: of a file, or of a mutant's source."""

    part: Part
    kind: Literal["right", "mistake", "mutant"]
    name: str
    key: str
    seed: int = _SEED
    path: Path | None = None
    source: str = ""

    @property
    def label(self) -> str:
        """How it is called while it runs; no two are the same."""
        return f"{self.part.name}/{self.name}/{self.kind}/{self.seed}"


@dataclass(frozen=True)
class Plan:
    """The tasks of one part: its right solutions ``gradings`` times each, its mistakes, and its mutants if wanted.

    ``again`` says that the stored gradings of right solutions do not count.
    """

    part: Part
    gradings: int
    with_mutants: bool = True
    again: bool = False

    @cached_property
    def ground(self) -> str:
        """What all gradings of the part depend on, as a hash."""
        return ground_of(self.part)

    @cached_property
    def stored(self) -> Summary | None:
        """What the last audit stored, if it was of these checks, fixture data and facts."""
        summary = read(self.part)
        return summary if summary is not None and summary.ground_sha256 == self.ground else None

    @cached_property
    def trusted(self) -> dict[str, RightSummary]:
        """The right solutions that need no grading: as many are stored, and hold on any machine."""
        if self.stored is None or self.again:
            return {}
        return {
            name: right
            for name, right in self.stored.right.items()
            if self.hashes.get(name) == right.sha256 and right.gradings >= self.gradings and not right.timed_out
        }

    def wanted(self, name: str) -> int:
        """How many gradings of a right solution this run is to make."""
        return 0 if name in self.trusted else self.gradings

    @cached_property
    def mutants(self) -> tuple[Mutant, ...]:
        """The mutants of the reference; none when they are not wanted."""
        return mutants_of(self.part.reference.read_text()) if self.with_mutants else ()

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The hash of every right solution's code, by name."""
        return {name: fingerprint.of_code(path.read_text()) for name, path in self.part.right_solutions.items()}

    @cached_property
    def right(self) -> tuple[Task, ...]:
        """The reference and its variants, each as often as it is wanted; the reference once for its time at least."""
        tasks = []
        for name, path in self.part.right_solutions.items():
            for seed in range(max(self.wanted(name), int(name == REFERENCE and self.with_mutants))):
                key = key_of("right", self.ground, self.hashes[name], seed)
                tasks.append(Task(part=self.part, kind="right", name=name, key=key, seed=seed, path=path))
        return tuple(tasks)

    @cached_property
    def mistakes(self) -> tuple[Task, ...]:
        """The known mistakes. Which of them feedback names depends on all of them."""
        hashes = {path: fingerprint.of_code(path.read_text()) for path in (self.part.reference, *self.part.mistakes)}
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
        """The gradings of the mutants."""
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
        """Everything that is to be graded."""
        return (*self.right, *self.mistakes, *self.mutated)


def cap_for_mutants(reference: Graded) -> Cap:
    """How long a mutant may take: an endless loop must not cost minutes."""
    return Cap(
        call_seconds=max(_LEAST_CALL_SECONDS, _PATIENCE * reference.slowest),
        part_seconds=max(_LEAST_PART_SECONDS, _PATIENCE * reference.seconds),
    )
