"""Grade the known solutions of a course like submissions, each mistake first by the checks that are known to catch it.

Every grading is stored below ``build/verify`` under a hash of all that it depends on: solution, reference, checks,
fixture data, settings in part.toml, sandbox level and the grader's own code. A stored grading is not made again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from grader.audit.kept import CheckResult, Keep, graded_of, ground_of, key_of
from grader.course import check_file
from grader.course.catalog import Course, Part
from grader.records.record import Verdict
from grader.running.jobs import TOO_BUSY, Engine, Job, JobOutcome
from grader.running.pool import grade_batches
from grader.verification import proof
from grader.verification.engine import engine_sha256

_SEED = 20_240_101

Kind = Literal["reference", "template", "variant", "mistake"]


@dataclass(frozen=True, slots=True)
class How:
    """How to grade known solutions. ``keep`` is the folder of results; ``again`` uses none of them, and all checks."""

    engine: Engine
    sandbox: str
    keep: Path
    again: bool = False


class Solution(NamedTuple):
    """One known solution of a part."""

    part: Part
    kind: Kind
    path: Path

    @property
    def name(self) -> str:
        """Return its name while it is graded, unique in a course."""
        return f"{self.part.identity}/{self.kind}/{self.path.stem}"


@dataclass(frozen=True, slots=True)
class GradedSolution:
    """The results of one solution's checks, or why there are none."""

    solution: Solution
    checks: tuple[CheckResult, ...] = ()
    fault: str = ""

    @property
    def caught_by(self) -> frozenset[str]:
        """Return the checks that took marks."""
        return frozenset(check.name for check in self.checks if check.took_marks)


class _Request(NamedTuple):
    """One grading to make: of a solution, by all checks or by some and those they depend on."""

    solution: Solution
    only: tuple[str, ...] = ()


def solutions(part: Part) -> list[Solution]:
    """Return every known solution of a part whose file is there."""
    found = [
        Solution(part, "reference", part.reference),
        Solution(part, "template", part.template),
        *(Solution(part, "variant", path) for path in part.variants),
        *(Solution(part, "mistake", path) for path in part.mistakes),
    ]
    return [solution for solution in found if solution.path.is_file()]


def grade_solutions(
    course: Course, wanted: Sequence[Solution], how: How, step: Callable[[str], None]
) -> Iterator[GradedSolution]:
    """Grade known solutions; calls ``step`` with the name of each when its result is known."""
    yield from _Gradings(course, wanted, how).grade(step)


class _Gradings:
    """Grades known solutions on one pool of processes."""

    def __init__(self, course: Course, wanted: Sequence[Solution], how: How) -> None:
        self._course = course
        self._wanted = wanted
        self._how = how
        self._parts = tuple(dict.fromkeys(solution.part for solution in wanted))
        self._keeps = {part: Keep(how.keep, part) for part in self._parts}
        self._grounds = {part: _ground(part, how.sandbox) for part in self._parts}
        self._done: dict[Solution, GradedSolution] = {}
        self._whole: set[Solution] = set()
        self._jobs: dict[str, tuple[_Request, str]] = {}  # by a job's name: what it grades, and the key of its result

    def grade(self, step: Callable[[str], None]) -> Iterator[GradedSolution]:
        """Grade all solutions, then yield their results."""
        told = set[Solution]()
        for outcome in grade_batches(self._batches(), self._how.engine):
            solution = self._take(outcome)
            if solution not in told and not self._is_open(solution):
                told.add(solution)
                step(solution.name)
        for solution in self._wanted:
            if solution not in told:
                step(solution.name)
            yield self._done[solution]

    def _batches(self) -> Iterator[list[Job]]:
        """Yield the jobs: first each mistake by its proof and the others by all checks, then what is still open."""
        proofs = {} if self._how.again else {part: proof.stored(part) for part in self._parts}
        yield self._missing(
            _Request(solution, proofs.get(solution.part, {}).get(solution.path.stem, ()))
            if solution.kind == "mistake"
            else _Request(solution)
            for solution in self._wanted
        )
        yield self._missing(_Request(solution) for solution in self._wanted if self._is_open(solution))
        yield self._missing(request for part in self._parts for request in self._for_unproven_checks(part))

    def _is_open(self, solution: Solution) -> bool:
        """Return whether a mistake was graded by some checks only and passed them."""
        graded = self._done[solution]
        known = solution.kind != "mistake" or solution in self._whole or graded.fault
        return not (known or graded.caught_by)

    def _for_unproven_checks(self, part: Part) -> Iterator[_Request]:
        """Yield gradings of all mistakes by the checks that no mistake has failed yet."""
        mistakes = [one for one in self._wanted if one.part == part and one.kind == "mistake"]
        failed = frozenset[str]().union(*(self._done[one].caught_by for one in mistakes))
        file = check_file.read(part.check_file)
        unproven = [check.name for check in file.checks if check.name not in failed]
        if unproven:
            only = file.with_prerequisites(unproven)
            yield from (_Request(one, only) for one in mistakes if one not in self._whole)

    def _missing(self, requests: Iterable[_Request]) -> list[Job]:
        """Use stored results; return jobs for the rest."""
        jobs = []
        for request in requests:
            key = key_of(self._grounds[request.solution.part], request.solution.path.read_bytes(), *request.only)
            kept = None if self._how.again else self._keeps[request.solution.part].get(key)
            if kept is not None:
                self._note(request, GradedSolution(request.solution, kept.checks))
                continue
            self._jobs[request.solution.name] = request, key
            jobs.append(self._job(request))
        return jobs

    def _take(self, outcome: JobOutcome) -> Solution:
        request, key = self._jobs.pop(outcome.name)
        if not outcome.record or outcome.record.starved:
            fault = outcome.fault or outcome.refused or TOO_BUSY
            self._note(request, GradedSolution(request.solution, fault=fault))
            return request.solution
        graded = graded_of(key, outcome.record.parts[0])
        # Do not store what may differ next time: an error of the grader, or a timeout.
        unsure = (Verdict.grader_error, Verdict.timed_out)
        lasting = not any(check.verdict in unsure for check in graded.checks)
        self._keeps[request.solution.part].add(graded, lasting=lasting)
        self._note(request, GradedSolution(request.solution, graded.checks))
        return request.solution

    def _note(self, request: _Request, graded: GradedSolution) -> None:
        """Add the results of a grading to those of its solution."""
        before = self._done.get(request.solution)
        checks = {check.name: check for one in (before, graded) if one for check in one.checks}
        self._done[request.solution] = GradedSolution(request.solution, tuple(checks.values()), graded.fault)
        if not request.only:
            self._whole.add(request.solution)

    def _job(self, request: _Request) -> Job:
        solution = request.solution
        return Job(
            course=str(self._course.root),
            assignment=solution.part.assignment,
            parts=(solution.part.name,),
            path=os.fsencode(solution.path),
            name=solution.name,
            sandbox=self._how.sandbox,
            threads=self._how.engine.threads,
            seed=_SEED,
            solution_of=solution.part.name,
            only=request.only,
            recognise=False,
        )


def _ground(part: Part, sandbox: str) -> str:
    """Return the hash of what every grading of a part depends on, except the solution and the checks it runs."""
    beside = [path for path in part.check_file.parent.rglob("*.py") if not path.name.startswith(check_file.PREFIX)]
    datasets = (part.course / "fixtures" / "datasets").rglob("*.py")
    return key_of(
        engine_sha256(),
        sandbox,
        _SEED,
        ground_of(part),
        *part.config.preload,
        part.reference.read_bytes(),
        *(path.read_bytes() for path in sorted([*beside, *datasets])),
    )
