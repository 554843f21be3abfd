"""Run the gradings of a plan: in parallel, in the sandbox, each once, with one pool of processes per assignment."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.audit.kept import Graded, Keep, graded_of
from grader.audit.tasks import AuditPlan, Task, cap_for_mutants
from grader.course.part_toml import Cap
from grader.running.jobs import TOO_BUSY, Engine, Job, JobOutcome
from grader.running.pool import grade_batches


@dataclass(frozen=True, slots=True)
class Where:
    """How many processes to use, and which sandbox."""

    engine: Engine
    sandbox: str


class Results:
    """The gradings of some parts: those kept before, those added, and our own faults."""

    def __init__(self, plans: Iterable[AuditPlan], folder: Path, *, again: bool = False) -> None:
        self._keeps = {plan.part: Keep(folder, plan.part) for plan in plans}
        self._again = again
        self._fresh: set[str] = set()
        self.faults: dict[str, str] = {}  # by a task's key

    def get(self, task: Task) -> Graded | None:
        """Return the grading of a task, if there is a valid one."""
        if self._again and task.key not in self._fresh:
            return None
        return self._keeps[task.part].get(task.key)

    def missing(self, tasks: Iterable[Task]) -> list[Task]:
        """Return the tasks that are still to be graded."""
        return [task for task in tasks if self.get(task) is None]

    def take(self, task: Task, outcome: JobOutcome) -> None:
        """Keep the result of a task, unless the grader failed or time ran out: that may not happen again.

        A mutant's timeout is kept: mutants are expected to run out of time.
        """
        if outcome.record is None or outcome.record.starved:
            self.faults[task.key] = outcome.fault or outcome.refused or TOO_BUSY
            return
        (record,) = outcome.record.parts
        self._fresh.add(task.key)
        graded = graded_of(task.key, record)
        self._keeps[task.part].add(graded, lasting=task.kind == "mutant" or not graded.timed_out)


def run(plans: Sequence[AuditPlan], results: Results, where: Where, step: Callable[[str], None]) -> None:
    """Grade what the plans of one assignment still need; call ``step`` once for each grading."""
    waiting: dict[str, Task] = {}
    with tempfile.TemporaryDirectory() as folder:
        batches = _batches(plans, results, where, Path(folder), waiting)
        for outcome in grade_batches(batches, where.engine):
            task = waiting.pop(outcome.name)
            results.take(task, outcome)
            step(task.name)


def _batches(
    plans: Sequence[AuditPlan], results: Results, where: Where, folder: Path, waiting: dict[str, Task]
) -> Iterator[list[Job]]:
    """Yield right solutions and mistakes first, then mutants: their time limit depends on the reference."""
    known = results.missing(task for plan in plans for task in (*plan.right, *plan.mistakes))
    waiting |= {task.label: task for task in known}
    yield [_job(task, where, folder) for task in known]
    jobs = []
    for plan in plans:
        reference = results.get(plan.timed) if plan.with_mutants else None
        cap = cap_for_mutants(reference) if reference else None
        missing = results.missing(plan.mutated)
        waiting |= {task.label: task for task in missing}
        jobs += [_job(task, where, folder, cap) for task in missing]
    yield jobs


def _job(task: Task, where: Where, folder: Path, cap: Cap | None = None) -> Job:
    path = task.path
    if path is None:
        path = folder / f"mutant_{task.key[:20]}.py"
        path.write_text(task.source, encoding="utf-8")
    return Job(
        course=str(task.part.course),
        assignment=task.part.assignment,
        parts=(task.part.name,),
        path=os.fsencode(path),
        name=task.label,
        sandbox=where.sandbox,
        threads=where.engine.threads,
        seed=task.seed,
        whole=False,
        solution_of=task.part.name,
        only=task.only,
        recognise=task.kind == "mistake",
        until_caught=task.kind == "mutant",
        cap=cap,
    )
