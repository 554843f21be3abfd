"""Run a gate's metric on one solution, in the sandbox as in a check, or for many seeds at once.

Many seeds are run at once only where the results are the same (``batching``, or a ``batched.py`` beside the
assignment's parts): some runs of every batch are also made in the sandbox, and must agree.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from grader.course.catalog import Course, Part
from grader.course.part_toml import MINI_CPU, Setting
from grader.errors import CheckFailure, CourseError, SandboxError, Starved
from grader.running.grading_process import warm_slot
from grader.running.jobs import Job

_PROVEN = 4  # runs of a batch that are also made in the sandbox
_ROUNDING = 2e-3
_CALL_SECONDS = 120.0  # at least this much: a run that is slow on a busy machine is no miss


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Some runs of one solution at one gate, as sent to a process."""

    job: Job  # solution, part, and settings of the slot
    gate: str
    setting: Setting
    number: int
    size: int


def run_chunk(chunk: Chunk) -> list[float]:
    """Make the runs of a chunk in a process of the pool and return their values; nan for a run that fails."""
    from grader.grading.part_loader import Code
    from grader.grading.student_part import StudentPart

    number, size = chunk.number, chunk.size
    (part,) = Course(Path(chunk.job.course)).parts(chunk.job.assignment, chunk.job.parts)
    runs = GateRuns(part, chunk.gate, chunk.setting)
    path = chunk.job.file
    answers = runs.batched(path, number, size) if size > _PROVEN else None
    slot, _ = warm_slot(chunk.job)
    limits = msgspec.structs.replace(part.config.limits.on(chunk.setting), part_seconds=math.inf)
    code = Code({**part.utilities, f"{part.name}.py": path.read_bytes()}, f"{part.name}.py")
    student = StudentPart(code, part.alias_table(), slot=slot, limits=limits, seed=number, identity=part.identity)
    try:
        single = [runs.run(student, number, run) for run in range(size if answers is None else min(size, _PROVEN))]
    finally:
        student.close()
    if answers is None:
        return single
    batch = [runs.run(answer, number, run) for run, answer in enumerate(answers)]
    _prove(single, batch, f"{part.identity} {chunk.gate} {path.stem}")
    return single + batch[len(single) :]


class GateRuns:
    """Makes single runs of a gate's metric with the same inputs as a check."""

    def __init__(self, part: Part, gate: str, setting: Setting = MINI_CPU) -> None:
        """Load the check file; raises CourseError if its metrics do not match the gates in part.toml."""
        from grader.course import fixture_data
        from grader.vocabulary.gates import matched, metrics_in

        self._part = part
        self._setting = setting
        self._gate = gate
        checks = fixture_data.load_module(part.check_file, f"check_{part.assignment}_{part.name}")
        metrics = metrics_in(vars(checks).values())
        matched(part.config.gates, metrics, str(part.check_file))
        self._metric = metrics[gate]
        self._call_seconds = max(_CALL_SECONDS, part.config.limits.on(setting).call_seconds)
        self._expected = fixture_data.read(part)
        self._sizes = part.config.sizes_on(setting)

    def run(self, submission: Any, number: int, run: int) -> float:
        """Make one run of a StudentPart or of a stand-in with the same entry points; return nan if it fails.

        Raises:
            SandboxError: the machine was too busy to make the run.
        """
        import torch

        from grader.grading.check_inputs import CheckInputs
        from grader.grading.student_part import StudentPart, derived_seed

        seed = derived_seed(number, self._gate, run)
        if isinstance(submission, StudentPart):
            submission.begin(self._name(run), self._call_seconds)
        inputs = CheckInputs(
            submission=submission,
            expected=self._expected,
            catalog=self._part.datasets,
            setting=self._setting,
            sizes=self._sizes,
            rng=torch.Generator().manual_seed(seed),
            seed=seed,
        )
        try:
            return self._metric.measure(inputs).value
        except Starved as failure:
            raise SandboxError(f"a run could not be made: {failure}") from failure
        except CheckFailure:
            return math.nan

    def batched(self, solution: Path, number: int, size: int) -> list[StandIn] | None:
        """Return a stand-in with the solution's answer for each run; None if each run must be made by itself."""
        from grader.grading.student_part import derived_seed

        stand_ins = [StandIn(derived_seed(number, self._part.identity, self._name(run), 1)) for run in range(size)]
        for run, stand_in in enumerate(stand_ins):
            with contextlib.suppress(Asked):
                self.run(stand_in, number, run)
        values = self._answers(solution, stand_ins)
        if values is None:
            return None
        for stand_in, value in zip(stand_ins, values, strict=True):
            stand_in.value = value
        return stand_ins

    def _answers(self, solution: Path, calls: Sequence[StandIn]) -> list[Any] | None:
        """Return the answers of the assignment's ``batched.py`` if it knows the solution, else those of vmap."""
        from grader.calibration import batching
        from grader.course import fixture_data

        path = self._part.fixture_folder.parent / "batched.py"
        if path.is_file():
            name = "reference" if solution == self._part.reference else solution.stem
            values: list[Any] | None = fixture_data.load_module(path, "batched").answers(self._part.name, name, calls)
            if values is not None:
                return values
        return batching.vmapped(solution, calls, self._part.reference.parent)

    def _name(self, run: int) -> str:
        return f"calibrate-{self._gate}-{run}"


class Asked(Exception):
    """Raised when a stand-in is asked for an answer that it does not have yet."""


class StandIn:
    """Stands in for a submission in one run: notes the metric's call, then answers it with ``value``."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.entry_point = ""
        self.args: tuple[Any, ...] = ()
        self.kwargs: dict[str, Any] = {}
        self.value: Any = None

    def __getattr__(self, entry_point: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.entry_point, self.args, self.kwargs = entry_point, args, kwargs
            if self.value is None:
                raise Asked(entry_point)
            return self.value

        return call


def _prove(single: Sequence[float], batch: Sequence[float], what: str) -> None:
    """Raise CourseError if a run of a batch differs from the single run by more than float32 rounding."""
    for run, (alone, together) in enumerate(zip(single, batch, strict=False)):
        same = abs(alone - together) <= _ROUNDING * max(1.0, abs(alone)) or (math.isnan(alone) and math.isnan(together))
        if not same:
            words = f"{what}, run {run}: {alone} alone, {together} in the batch"
            raise CourseError(f"{words}; the batch computes something other than the solution")
