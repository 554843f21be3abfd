"""Plan what an audit of a part grades: known mistakes, mutants, and right solutions many times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from grader.audit.kept import Graded, check_hashes, ground_of, key_of
from grader.audit.mutants import Mutant, mutants_of
from grader.audit.summary import Failure, MutantSummary, RightSummary, Summary, read
from grader.course import check_file, fingerprint
from grader.course.catalog import Part
from grader.course.part_toml import Cap

REFERENCE = "reference"

_SEED = 0
_PATIENCE = 10.0  # a mutant gets this many times the reference's own time ...
_LEAST_CALL_SECONDS = 2.0  # ... and at least this: a quick run is mostly start-up, and the machine may be busy
_LEAST_PART_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One grading of a file or of a mutant's source, by all checks or by those in ``only``."""

    part: Part
    kind: Literal["right", "mistake", "mutant"]
    name: str
    key: str
    seed: int = _SEED
    path: Path | None = None
    source: str = ""
    only: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name of the task while it runs; it is unique."""
        checks = f"/{len(self.only)} checks" if self.only else ""
        return f"{self.part.name}/{self.name}/{self.kind}/{self.seed}{checks}"


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
        """What the last audit stored, even if some of it is out of date; None if there is nothing."""
        return read(self.part)

    @cached_property
    def known_mutants(self) -> MutantSummary | None:
        """What is stored of the mutants, if reference, checks, fixture data and configuration are still the same."""
        now = (self.ground, self.hashes[REFERENCE])
        same = self.stored is not None and now == (self.stored.ground_sha256, self.stored.reference_sha256)
        return self.stored.mutants if self.stored and same else None

    @cached_property
    def known_proof(self) -> dict[str, tuple[str, ...]]:
        """Which checks are known to catch each mistake; they are tried, so what they were measured on may be old."""
        return self.stored.proof if self.stored and not self.again else {}

    @cached_property
    def check_hashes(self) -> dict[str, str]:
        """The hash of what each check depends on, in the order of the check file."""
        return check_hashes(self.part)

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """The checks that changed since right solutions were last graded, and those that must pass before them."""
        if self.stored is None:
            return ()
        changed = [name for name, sha256 in self.check_hashes.items() if self.stored.checks.get(name) != sha256]
        return check_file.read(self.part.check_file).with_prerequisites(changed)

    @cached_property
    def trusted(self) -> dict[str, RightSummary]:
        """The right solutions with stored gradings that hold for all but the changed checks: with seeds 0, 1, 2, ..."""
        if self.stored is None or self.again:
            return {}
        return {
            name: right
            for name, right in self.stored.right.items()
            if self.hashes.get(name) == right.sha256 and not right.timed_out
        }

    def known(self, name: str) -> int:
        """Return how many stored gradings of a right solution this run keeps; it repeats the changed checks of them."""
        stored = self.trusted.get(name)
        if stored is None:
            return 0
        return min(stored.gradings, self.gradings) if self.changed else stored.gradings

    def known_failures(self, name: str) -> tuple[Failure, ...]:
        """Return what is stored of a right solution's lost marks and still holds."""
        stored = self.trusted.get(name)
        return tuple(
            failure
            for failure in (stored.failures if stored else ())
            if failure.seed < self.known(name) and failure.check in self.check_hashes.keys() - set(self.changed)
        )

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

    @property
    def timed(self) -> Task:
        """A whole grading of the reference, for its time."""
        return self._right_task(REFERENCE, _SEED)

    @cached_property
    def right(self) -> tuple[Task, ...]:
        """Gradings of the reference and its variants, as often as wanted; the reference at least once, for its time."""
        tasks = [task for name in self.part.right_solutions for task in self.gradings_of(name)]
        if self.with_mutants and self.timed not in tasks:
            tasks.insert(0, self.timed)
        return tuple(tasks)

    def gradings_of(self, name: str) -> Iterator[Task]:
        """Yield the gradings of a right solution that are not stored yet: by changed checks only, and by all checks."""
        known = self.known(name)
        if self.changed:
            only = self.changed if len(self.changed) < len(self.check_hashes) else ()
            yield from (self._right_task(name, seed, only) for seed in range(known))
        yield from (self._right_task(name, seed) for seed in range(known, self.gradings))

    def _right_task(self, name: str, seed: int, only: tuple[str, ...] = ()) -> Task:
        key = key_of("right", self.ground, self.hashes[name], seed, *only)
        path = self.part.right_solutions[name]
        return Task(part=self.part, kind="right", name=name, key=key, seed=seed, path=path, only=only)

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
