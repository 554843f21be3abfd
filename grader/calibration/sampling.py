"""Sample a gate's metric for many solutions, in parallel.

Each finished chunk of runs is appended to a file below ``build/calibration`` and never run again. A file belongs to one
solution, metric and set of sizes: if any of them changes, all runs are made again.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from grader.calibration.single_runs import Chunk, run_chunk
from grader.course import executed_code, fingerprint
from grader.course.catalog import Part
from grader.course.part_toml import MINI_CPU, Setting
from grader.errors import HarnessError
from grader.files.json_lines import JsonLines
from grader.running.grading_process import close_slots, forget_slots, load_grading, prepare_slot
from grader.running.jobs import Engine, Job
from grader.running.pool import ProcessPool
from grader.running.pool_process import Work

_CHUNK = 50  # runs in a chunk, if each is made by itself
_BATCH = 500  # runs in a chunk, if many seeds are computed at once


_Line = tuple[int, list[float | None]]  # a chunk's number and its values


@dataclass(frozen=True, slots=True)
class Wanted:
    """The runs that are needed of one solution at one gate."""

    part: Part
    gate: str
    solution: Path
    runs: int
    setting: Setting = MINI_CPU


class SampleFile:
    """The finished runs of one solution at one gate: one JSON line for each chunk."""

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        part, setting = wanted.part, wanted.setting
        sizes = json.dumps(part.config.sizes_on(setting), sort_keys=True)
        metric = executed_code.metric_sha256(part, wanted.gate)
        content = f"{fingerprint.of_code(wanted.solution.read_text(encoding='utf-8'))} {metric} {sizes}"
        key = hashlib.sha256(content.encode()).hexdigest()[:12]
        name = f"{wanted.solution.parent.name}-{wanted.solution.stem}-{key}.jsonl"
        self.path = folder / part.assignment / part.name / setting.key / wanted.gate / name
        self._lines = JsonLines[_Line](self.path, _Line)

    def read(self) -> dict[int, list[float]]:
        """Return the values of each chunk, by its number."""
        return {
            number: [math.nan if value is None else value for value in values] for number, values in self._lines.read()
        }

    def append(self, number: int, values: Sequence[float | None]) -> None:
        """Add one chunk."""
        self._lines.append((number, _plain(values)))


class Sampler:
    """Makes the missing runs on one pool of processes, which stay between calls. Use it in a ``with``."""

    def __init__(self, folder: Path, engine: Engine, sandbox: str) -> None:
        self._folder = folder
        self.engine = engine
        self._sandbox = sandbox
        self._pool = ProcessPool(SAMPLING, engine.jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def sample(self, wanted: Sequence[Wanted]) -> Iterator[tuple[Wanted, int]]:
        """Make the missing runs; after each chunk, yield its solution and its number of runs.

        Raises:
            HarnessError: a chunk could not be run; says how to resume.
        """
        todo = [(want, number, size) for want in wanted for number, size in _missing(want, self._folder)]
        chunks = [_chunk(want, number, size, self.engine, self._sandbox) for want, number, size in todo]
        asked = {_key(chunk): want for chunk, (want, _, _) in zip(chunks, todo, strict=True)}
        for chunk, values, fault, _ in self._pool.run(chunks):
            if values is None:
                resume = "finished runs are kept: run the same command to resume, with fewer --jobs if memory was short"
                raise HarnessError(f"{fault}; {resume}")
            want = asked[_key(chunk)]
            SampleFile(self._folder, want).append(chunk.number, values)
            yield want, len(values)


def values_of(want: Wanted, folder: Path) -> list[float]:
    """Return the values of the finished runs, in order."""
    chunks = SampleFile(folder, want).read()
    return [value for number in sorted(chunks) for value in chunks[number]][: want.runs]


def missing_runs(want: Wanted, folder: Path) -> int:
    """Return how many runs are still missing."""
    return sum(size for _, size in _missing(want, folder))


def _run(chunk: Chunk) -> list[float | None]:
    return _plain(run_chunk(chunk))


def _prepare(chunk: Chunk) -> None:
    prepare_slot(chunk.job)


def _load(chunk: Chunk) -> None:
    load_grading(chunk.job)


SAMPLING = Work(
    task=Chunk,
    outcome=list[float | None],
    prepare=_prepare,
    do=_run,
    load=_load,
    forget=forget_slots,
    leave=close_slots,
)


def _plain(values: Sequence[float | None]) -> list[float | None]:
    """Replace nan and infinities by None, since JSON has no such numbers."""
    return [value if value is not None and math.isfinite(value) else None for value in values]


def _missing(want: Wanted, folder: Path) -> list[tuple[int, int]]:
    done = SampleFile(folder, want).read()
    chunk = _chunk_size(want)
    sizes = {n: min(chunk, want.runs - n * chunk) for n in range(math.ceil(want.runs / chunk))}
    return [(number, size) for number, size in sizes.items() if len(done.get(number, [])) < size]


def _chunk_size(want: Wanted) -> int:
    if want.setting.profile == "full":
        return 1  # on real data a run takes seconds or minutes: an interruption must not cost more than one
    # Many runs of a right solution are made in fewer, larger chunks, since most of them are computed in batches.
    return _CHUNK if want.solution in want.part.mistakes or want.runs < _BATCH else _BATCH


def _chunk(want: Wanted, number: int, size: int, engine: Engine, sandbox: str) -> Chunk:
    job = _slot_job(want, engine, sandbox)
    return Chunk(job=job, gate=want.gate, setting=want.setting, number=number, size=size)


def _key(chunk: Chunk) -> tuple[bytes, str, Setting, int]:
    """Return what tells a chunk from all others: the solution, the gate, the setting and its number."""
    return chunk.job.path, chunk.gate, chunk.setting, chunk.number


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
