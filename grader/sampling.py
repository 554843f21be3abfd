"""Single runs of a gate's metric for many solutions: in parallel, resumable, through the sandbox.

Every chunk of runs is appended to a file below ``build/calibration`` when it is done; what is there already is not run
again. A file belongs to one content of solution and checks: change either, and the runs start anew.
"""

from __future__ import annotations

import hashlib
import json
import math
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.catalog import Course, Part
from grader.cohort import Engine, Job, end_pool, prepare_process, warm_slot
from grader.errors import CheckFailure

_CHUNK = 50
_CALL_SECONDS = 120.0  # a run that takes long on a busy machine is not a miss


@dataclass(frozen=True, slots=True)
class Wanted:
    """Runs wanted of one solution at one gate."""

    part: Part
    gate: str
    solution: Path
    runs: int


class SampleFile:
    """The runs of one solution at one gate that are done: one JSON line for each chunk."""

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        key = hashlib.sha256(wanted.solution.read_bytes() + wanted.part.check_file.read_bytes()).hexdigest()[:12]
        name = f"{wanted.solution.parent.name}-{wanted.solution.stem}-{key}.jsonl"
        self.path = folder / wanted.part.assignment / wanted.part.name / wanted.gate / name

    def read(self) -> dict[int, list[float]]:
        """Values by the number of the chunk; a line cut short by an interruption is left out."""
        chunks: dict[int, list[float]] = {}
        if self.path.is_file():
            for line in self.path.read_text().splitlines():
                try:
                    number, values = json.loads(line)
                except ValueError:
                    continue
                chunks[number] = [math.nan if value is None else value for value in values]
        return chunks

    def append(self, number: int, values: Sequence[float]) -> None:
        """Add one chunk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        plain = [value if math.isfinite(value) else None for value in values]
        with self.path.open("a") as file:
            file.write(json.dumps([number, plain]) + "\n")


def sample(wanted: Sequence[Wanted], folder: Path, engine: Engine, sandbox: str) -> Iterator[tuple[Wanted, int]]:
    """Run what is missing; yields each solution with the number of runs just done."""
    todo = [(want, number, size) for want in wanted for number, size in _missing(want, folder)]
    if not todo:
        return
    executor = ProcessPoolExecutor(
        engine.jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=prepare_process,
        initargs=(msgspec.json.encode(_slot_job(todo[0][0].part, engine, sandbox)),),
    )
    try:
        waiting = {
            executor.submit(
                run_chunk,
                str(w.part.course),
                w.part.identity,
                w.gate,
                str(w.solution),
                number,
                size,
                sandbox,
                engine.threads,
            ): (w, number)
            for w, number, size in todo
        }
        for future in as_completed(waiting):
            want, number = waiting[future]
            values = future.result()
            SampleFile(folder, want).append(number, values)
            yield want, len(values)
    finally:
        end_pool(executor)


def values_of(want: Wanted, folder: Path) -> list[float]:
    """The runs that are done, in order."""
    chunks = SampleFile(folder, want).read()
    return [value for number in sorted(chunks) for value in chunks[number]][: want.runs]


def missing_runs(want: Wanted, folder: Path) -> int:
    """How many runs are still to do."""
    return sum(size for _, size in _missing(want, folder))


def run_chunk(
    course: str, identity: str, gate: str, solution: str, number: int, size: int, sandbox: str, threads: int
) -> list[float]:
    """The metric of ``size`` runs, in a process of the engine; a run that fails in any way is nan."""
    import torch  # noqa: PLC0415 -- imported in the pool's processes only

    from grader import fixture_data  # noqa: PLC0415
    from grader.subject import Code, Subject, derived_seed  # noqa: PLC0415

    (part,) = Course(Path(course)).select([identity])
    checks = fixture_data.load_module(part.check_file, f"check_{part.assignment}_{part.name}")
    metric = getattr(checks, gate)
    slot, _ = warm_slot(course, part.assignment, sandbox, threads, "cpu")
    limits = msgspec.structs.replace(part.facts.limits, part_seconds=float("inf"))
    code = Code({f"{part.name}.py": Path(solution).read_bytes()}, f"{part.name}.py")
    subject = Subject(code, part.alias_table(), slot=slot, limits=limits, seed=number, identity=part.identity)
    expected = fixture_data.read(part)
    values = []
    try:
        for run in range(size):
            subject.begin(f"calibrate-{gate}-{run}", _CALL_SECONDS)
            rng = torch.Generator().manual_seed(derived_seed(number, gate, run))
            try:
                values.append(float(metric(subject, expected, rng)))
            except CheckFailure:
                values.append(math.nan)
    finally:
        subject.close()
    return values


def _missing(want: Wanted, folder: Path) -> list[tuple[int, int]]:
    done = SampleFile(folder, want).read()
    sizes = {n: min(_CHUNK, want.runs - n * _CHUNK) for n in range(math.ceil(want.runs / _CHUNK))}
    return [(number, size) for number, size in sizes.items() if len(done.get(number, [])) < size]


def _slot_job(part: Part, engine: Engine, sandbox: str) -> Job:
    return Job(
        course=str(part.course),
        assignment=part.assignment,
        parts=(part.name,),
        path="",
        name="",
        sandbox=sandbox,
        threads=engine.threads,
        seed=0,
    )
