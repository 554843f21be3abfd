"""Single runs of a gate's metric for many solutions: in parallel, resumable, through the sandbox.

Every chunk of runs is appended to a file below ``build/calibration`` when it is done; what is there already is not run
again. A file belongs to one content of solution and checks: change either, and the runs start anew.

Many runs are computed at once where that is exact (``batching``, or a ``batched.py`` beside the assignment's parts).
Some runs of every batch are made in the sandbox all the same, and must agree.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from grader.course import fingerprint
from grader.course.catalog import Course, Part
from grader.course.part_toml import MINI_CPU, Setting
from grader.errors import CheckFailure, CourseError, HarnessError
from grader.files.json_lines import JsonLines
from grader.running.jobs import Engine, Job
from grader.running.pool import ProcessPool
from grader.running.pool_process import Work
from grader.running.process import prepare_slot, warm_slot

_CHUNK = 50  # runs of a solution that runs by itself
_BATCH = 500  # runs of one that is computed for many seeds at once
_PROVEN = 4  # of those, how many are also run by themselves
_ROUNDING = 2e-3
_CALL_SECONDS = 120.0  # at least: a run that takes long on a busy machine is not a miss


_Line = tuple[int, list[float | None]]  # a chunk's number and its values


@dataclass(frozen=True, slots=True)
class Wanted:
    """Runs wanted of one solution at one gate."""

    part: Part
    gate: str
    solution: Path
    runs: int
    setting: Setting = MINI_CPU


class SampleFile:
    """The runs of one solution at one gate that are done: one JSON line for each chunk."""

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        part, setting = wanted.part, wanted.setting
        sizes = json.dumps(part.config.sizes_on(setting), sort_keys=True)
        metric = fingerprint.of_metrics(part.check_file, [wanted.gate])
        content = f"{fingerprint.of_code(wanted.solution.read_text())} {metric} {sizes}"
        key = hashlib.sha256(content.encode()).hexdigest()[:12]
        name = f"{wanted.solution.parent.name}-{wanted.solution.stem}-{key}.jsonl"
        self.path = folder / part.assignment / part.name / setting.key / wanted.gate / name
        self._lines = JsonLines[_Line](self.path, _Line)

    def read(self) -> dict[int, list[float]]:
        """Return the values by the number of the chunk."""
        return {
            number: [math.nan if value is None else value for value in values] for number, values in self._lines.read()
        }

    def append(self, number: int, values: Sequence[float | None]) -> None:
        """Add one chunk."""
        self._lines.append((number, _plain(values)))


def sample(wanted: Sequence[Wanted], folder: Path, engine: Engine, sandbox: str) -> Iterator[tuple[Wanted, int]]:
    """Run what is missing; yields each solution with the number of runs just done."""
    todo = [(want, number, size) for want in wanted for number, size in _missing(want, folder)]
    if not todo:
        return
    chunks = {_chunk(want, number, size, engine, sandbox): want for want, number, size in todo}
    with ProcessPool(SAMPLING, engine.jobs) as pool:
        for chunk, values, fault in pool.run(list(chunks)):
            if values is None:
                raise HarnessError(
                    f"{fault}; what was run is kept: run it again, with fewer --jobs if memory was short"
                )
            SampleFile(folder, chunks[chunk]).append(chunk.number, values)
            yield chunks[chunk], len(values)


def values_of(want: Wanted, folder: Path) -> list[float]:
    """The runs that are done, in order."""
    chunks = SampleFile(folder, want).read()
    return [value for number in sorted(chunks) for value in chunks[number]][: want.runs]


def missing_runs(want: Wanted, folder: Path) -> int:
    """How many runs are still to do."""
    return sum(size for _, size in _missing(want, folder))


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Some runs of one solution at one gate, as they travel to a process."""

    job: Job  # the solution, its part, and how the slot is made
    gate: str
    setting: Setting
    number: int
    size: int


def run_chunk(chunk: Chunk) -> list[float]:
    """Return the metric of a chunk's runs, in a process of the pool; a run that fails in any way is nan."""
    from grader.grading.student_part import Code, StudentPart

    gate, number, size = chunk.gate, chunk.number, chunk.size
    (part,) = Course(Path(chunk.job.course)).parts(chunk.job.assignment, chunk.job.parts)
    metric = Metric(part, gate, chunk.setting)
    path = chunk.job.file
    answers = metric.batched(path, number, size) if size > _PROVEN else None
    slot, _ = warm_slot(chunk.job)
    limits = msgspec.structs.replace(part.config.limits.on(chunk.setting), part_seconds=math.inf)
    code = Code({**part.utilities, f"{part.name}.py": path.read_bytes()}, f"{part.name}.py")
    subject = StudentPart(code, part.alias_table(), slot=slot, limits=limits, seed=number, identity=part.identity)
    try:
        single = [metric.run(subject, number, run) for run in range(size if answers is None else min(size, _PROVEN))]
    finally:
        subject.close()
    if answers is None:
        return single
    batch = [metric.run(answer, number, run) for run, answer in enumerate(answers)]
    _prove(single, batch, part, gate, path)
    return single + batch[len(single) :]


def _run(chunk: Chunk) -> list[float | None]:
    return _plain(run_chunk(chunk))


def _prepare(chunk: Chunk) -> None:
    prepare_slot(chunk.job)


SAMPLING = Work(task=Chunk, outcome=list[float | None], prepare=_prepare, do=_run)


def _plain(values: Sequence[float | None]) -> list[float | None]:
    """Replace what is no finite number by None: JSON holds no nan and no infinity."""
    return [value if value is not None and math.isfinite(value) else None for value in values]


class Metric:
    """A gate's metric: the function of the gate's name in the part's check file."""

    def __init__(self, part: Part, gate: str, setting: Setting = MINI_CPU) -> None:
        from grader.course import fixture_data

        self._part = part
        self._setting = setting
        self._gate = gate
        checks = fixture_data.load_module(part.check_file, f"check_{part.assignment}_{part.name}")
        self._function = getattr(checks, gate)
        self._wants = inspect.signature(self._function).parameters
        self._call_seconds = max(_CALL_SECONDS, part.config.limits.on(setting).call_seconds)
        self._expected = fixture_data.read(part)

    def run(self, submission: Any, number: int, run: int) -> float:
        """One run: of a StudentPart, or of a stand-in with the same entry points."""
        import torch

        from grader.grading.student_part import StudentPart, derived_seed

        if isinstance(submission, StudentPart):
            submission.begin(self._name(run), self._call_seconds)
        rng = torch.Generator().manual_seed(derived_seed(number, self._gate, run))
        try:
            return float(self._function(submission, **self._arguments(rng)))
        except CheckFailure:
            return math.nan

    def batched(self, solution: Path, number: int, size: int) -> list[StandIn] | None:
        """A stand-in with the solution's answer for each run; None where it has to be run by itself."""
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
        """By the assignment's own ``batched.py`` where it knows the solution, else by vmap where that can."""
        from grader.calibration import batching
        from grader.course import fixture_data

        path = self._part.fixture_folder.parent / "batched.py"
        if path.is_file():
            name = "reference" if solution == self._part.reference else solution.stem
            values: list[Any] | None = fixture_data.load_module(path, "batched").answers(self._part.name, name, calls)
            if values is not None:
                return values
        return batching.vmapped(solution, calls)

    def _arguments(self, rng: Any) -> dict[str, Any]:
        """What the metric asks for by name, as pytest would give it to a check."""
        from grader.datasets.collection import open_datasets

        offered = {
            "expected": self._expected,
            "rng": rng,
            "sizes": self._part.config.sizes_on(self._setting),
            "device": self._setting.device,
        }
        if "datasets" in self._wants:
            offered["datasets"] = open_datasets(self._part.datasets, self._setting.profile)
        return {name: value for name, value in offered.items() if name in self._wants}

    def _name(self, run: int) -> str:
        return f"calibrate-{self._gate}-{run}"


class Asked(Exception):
    """A stand-in was asked for an answer it does not have yet."""


class StandIn:
    """Stands in for a submission in one run: notes the call the metric makes, then gives the answer it is told to."""

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


def _prove(single: Sequence[float], batch: Sequence[float], part: Part, gate: str, solution: Path) -> None:
    """Batched runs count only where they are the single runs, within what float32 rounding grows to."""
    for run, (alone, together) in enumerate(zip(single, batch, strict=False)):
        same = abs(alone - together) <= _ROUNDING * max(1.0, abs(alone)) or (math.isnan(alone) and math.isnan(together))
        if not same:
            words = f"{part.identity} {gate} {solution.stem}, run {run}: {alone} alone, {together} in the batch"
            raise CourseError(f"{words}; the batch does not do what the solution does")


def _missing(want: Wanted, folder: Path) -> list[tuple[int, int]]:
    done = SampleFile(folder, want).read()
    chunk = _chunk_size(want)
    sizes = {n: min(chunk, want.runs - n * chunk) for n in range(math.ceil(want.runs / chunk))}
    return [(number, size) for number, size in sizes.items() if len(done.get(number, [])) < size]


def _chunk_size(want: Wanted) -> int:
    if want.setting.profile == "full":
        return 1  # on real data a run takes seconds or minutes: what is interrupted must not cost more
    # Fewer, larger chunks where many runs of a right solution are wanted: most of those are computed in batches.
    return _CHUNK if want.solution in want.part.mistakes or want.runs < _BATCH else _BATCH


def _chunk(want: Wanted, number: int, size: int, engine: Engine, sandbox: str) -> Chunk:
    job = _slot_job(want, engine, sandbox)
    return Chunk(job=job, gate=want.gate, setting=want.setting, number=number, size=size)


def _slot_job(want: Wanted, engine: Engine, sandbox: str) -> Job:
    return Job(
        course=str(want.part.course),
        assignment=want.part.assignment,
        parts=(want.part.name,),
        path=os.fsencode(want.solution),
        name="",
        sandbox=sandbox,
        threads=engine.threads,
        seed=0,
        profile=want.setting.profile,
        device=want.setting.device,
    )
