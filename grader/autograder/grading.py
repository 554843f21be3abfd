"""Grade one submission in Gradescope's container, and write its ``results.json``."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbits
from typing import Any

import msgspec

from grader.autograder import metadata
from grader.autograder.contents import COURSE
from grader.autograder.settings import MORE_TIME, Settings, read
from grader.course.catalog import Course, Part
from grader.course.part_toml import MINI_CPU, Cap
from grader.errors import SandboxError
from grader.exports import gradescope
from grader.exports.gradescope import Shown
from grader.files import whole_file
from grader.records.record import EnvironmentRecord, PartRecord, ResultRecord, Standing, SubmissionRecord, Verdict
from grader.reports.text import render_text
from grader.running.grading_process import close_slots, grade_job, load_grading, prepare_slot, warm_slot
from grader.running.jobs import Job
from grader.sandbox import container, levels
from grader.worker.limits import WorkerLimits
from grader.worker.process_table import descendants, private_bytes

_STRONG_ENOUGH = ("bubblewrap", "uid")  # what runs as root at another level can read the course
_SEED_BITS = 63
_LEAST_MB = 64  # that a student's code gets, however little there is
_SPARE_MB = 96  # for what the grader still needs, and for files that the kernel keeps


def main(root: Path, started: float) -> None:
    """Grade what lies in ``root / "submission"``; raises what stops the grader. ``started`` is of time.monotonic()."""
    settings, source = read(root / "source"), root / "source"
    source.chmod(0o700)  # as setup.sh left it: no other user may read the course
    course = Course(source / COURSE)
    parts = course.parts(settings.assignment)
    said = metadata.read(root / "submission_metadata.json")
    job = _job(root, course, parts, settings, said.name)
    atexit.register(close_slots)
    signal.signal(signal.SIGTERM, _leave)  # sent when the time is over
    prepare_slot(job)
    load_grading(job)
    memory = _measured(job, parts)
    cap = Cap(memory_mb=memory.left) if memory.is_short else None
    seconds = max(0.0, started + settings.check_seconds - time.monotonic())
    outcome = grade_job(msgspec.structs.replace(job, cap=cap, seconds=seconds))
    record = outcome.record or _refused(job, course, outcome.refused)
    if memory.is_short:
        record = _without_blame(record)
    shown = Shown(
        hidden=settings.hidden,
        leaderboard=settings.leaderboard,
        told=(memory.told,) if memory.is_short else (),
        extra=_extra(record, memory),
    )
    whole_file.write(root / "results" / "results.json", gradescope.results(record, shown))
    if record.standing is Standing.needs_attention:
        late = time.monotonic() > started + settings.check_seconds
        why = f"checks were left after {settings.check_seconds:.0f} seconds. {MORE_TIME}" if late else "see below"
        sys.stdout.write(f"NOT GRADED: {why}\n\n")
    sys.stdout.write("\n".join(_for_instructors(record, str(memory), said.points)))


def _leave(*_: object) -> None:
    close_slots()
    os._exit(0)


def _job(root: Path, course: Course, parts: Sequence[Part], settings: Settings, name: str) -> Job:
    level = levels.choose("auto")
    if level not in _STRONG_ENOUGH:
        raise SandboxError(f"only the sandbox level {level} works here, and there students' code could read the course")
    return Job(
        course=str(course.root),
        assignment=settings.assignment,
        parts=tuple(part.name for part in parts),
        path=bytes(root / "submission"),
        name=name,
        sandbox=level,
        threads=max(1, int(container.cores())),
        seed=randbits(_SEED_BITS),
        checks_version=settings.checks_version,
    )


@dataclass(frozen=True)
class _Memory:
    """Megabytes: what the container has, what the grader takes of it, what the course gives to a part's code."""

    given: int
    ours: int
    wanted: int

    @property
    def left(self) -> int:
        """What a student's code can have."""
        return max(_LEAST_MB, self.given - self.ours - _SPARE_MB)

    @property
    def is_short(self) -> bool:
        """Whether that is less than the course gives."""
        return self.left < self.wanted

    @property
    def told(self) -> str:
        """The sentence for the student, if it is."""
        return (
            f"This container has {self.given} MB of memory, so your code had {self.left} MB instead of {self.wanted} "
            "MB. If that was too little, it costs you no points."
        )

    def __str__(self) -> str:
        chosen = f", and gets {self.left} MB: give the assignment more memory" if self.is_short else ""
        return (
            f"memory: {self.given} MB; the grader takes {self.ours} MB, a part's code may take {self.wanted} MB{chosen}"
        )


def _measured(job: Job, parts: Sequence[Part]) -> _Memory:
    """Return the memory of this container, measured once all libraries are loaded."""
    slot, _ = warm_slot(job)
    slot.worker(WorkerLimits()).close()  # the sandbox answers only when it has loaded them
    ours = sum(map(private_bytes, [os.getpid(), os.getppid(), *descendants(os.getpid())]))
    wanted = max(part.config.limits.on(MINI_CPU).memory_mb for part in parts)
    return _Memory(container.memory_bytes() >> 20, ours >> 20, wanted)


def _refused(job: Job, course: Course, why: str) -> ResultRecord:
    """Return the record of a submission that could not be taken in."""
    return ResultRecord(
        assignment=job.assignment,
        assignment_title=course.title_of(job.assignment),
        submission=SubmissionRecord(name=job.name, sha256=""),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=job.seed,
        environment=EnvironmentRecord(sandbox=job.sandbox),
        checks_version=job.checks_version,
        refused=why,
    )


def _without_blame(record: ResultRecord) -> ResultRecord:
    """Return the record of a run that had too little memory: who ran out of it may have done nothing wrong."""
    return msgspec.structs.replace(record, parts=tuple(map(_part_without_blame, record.parts)))


def _part_without_blame(part: PartRecord) -> PartRecord:
    checks = tuple(
        msgspec.structs.replace(check, verdict=Verdict.grader_error, score=0.0)
        if check.verdict is Verdict.out_of_memory
        else check
        for check in part.checks
    )
    return msgspec.structs.replace(part, checks=checks)


def _extra(record: ResultRecord, memory: _Memory) -> dict[str, Any]:
    """Return what Gradescope keeps with the results: where this was graded, and by which checks. No seed is in it."""
    where = record.environment
    return {
        "standing": record.standing.value,
        "sandbox": where.sandbox,
        "protections": where.protections,
        "missing_protections": where.missing_protections,
        "cores": container.cores(),
        "memory_mb": memory.given,
        "checks_version": record.checks_version,
    }


def _for_instructors(record: ResultRecord, memory: str, points: float | None) -> Iterator[str]:
    """Yield lines that only instructors see: the sandbox, how to grade this again, the report with hidden values.

    ``points`` are those of the assignment on Gradescope.
    """
    where = record.environment
    yield f"sandbox level: {where.sandbox}, on {container.cores():g} cores"
    yield from (f"  has: {words}" for words in where.protections)
    yield from (f"  lacks: {words}" for words in where.missing_protections)
    yield memory
    ours = record.max_score + record.awaiting
    if points is not None and points not in (ours, record.max_score):
        yield f"Gradescope gives this assignment {points:g} points; here it is worth {ours:g}"
    yield f"to grade it again: grader grade {record.assignment} FOLDER --seed {record.seed}"
    yield ""
    yield render_text(record, audience="instructor")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
