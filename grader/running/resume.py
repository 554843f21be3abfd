"""What a class's run has done so far, so that the same command after an interruption goes on where it stopped.

``<out>/unfinished.jsonl`` is there while a class is graded: first a line that says which run it is, then one for each
submission whose record is kept. A run that comes to its end takes the file away. A record that was taken away is graded
again, whatever the note says.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.errors import IntakeRefused
from grader.files import whole_file
from grader.intake.submission import take_in
from grader.records.record import ResultRecord
from grader.running.jobs import Job

_FILE = "unfinished.jsonl"


class _Run(msgspec.Struct, frozen=True):
    """Which run it is: a hash of what was asked for, without the seed; and the seed that was drawn."""

    asked: str
    seed: int


class _Done(msgspec.Struct, frozen=True, array_like=True):
    """One submission that was graded: a hash of what was handed in, and where its record is below the folder."""

    name: str
    sha256: str
    record: str


class ResumableRun:
    """The note of one run; it begins with what an interrupted run of the same jobs has left."""

    def __init__(self, folder: Path, jobs: Sequence[Job], *, seed_is_asked_for: bool) -> None:
        self._path = folder / _FILE
        self._run = _Run(_hash(jobs), jobs[0].seed)
        self._done: dict[str, _Done] = {}  # by the submission's name
        earlier = self._read()
        same = earlier is not None and earlier[0].asked == self._run.asked
        if earlier and same and (earlier[0] == self._run or not seed_is_asked_for):
            self._run, self._done = earlier
        else:
            folder.mkdir(parents=True, exist_ok=True)
            whole_file.replace(self._path, msgspec.json.encode(self._run) + b"\n")

    @property
    def seed(self) -> int:
        """The run's seed: the interrupted run's, where there is one to go on with."""
        return self._run.seed

    def is_done(self, job: Job) -> bool:
        """Whether this very work has been graded already; a file handed in anew is new work."""
        done = self._done.get(job.name)
        if done is None or not (self._path.parent / done.record).is_file():
            return False
        try:
            return take_in(job.file).sha256 == done.sha256
        except IntakeRefused:
            return False

    def note(self, record: ResultRecord, path: Path) -> None:
        """A record is kept in a file."""
        where = str(path.relative_to(self._path.parent))
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(_Done(record.submission.name, record.submission.sha256, where)) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> None:
        """The run is at its end."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> tuple[_Run, dict[str, _Done]] | None:
        """The interrupted run; None where there is none, or its first line was not written whole."""
        try:
            first, *lines = self._path.read_bytes().splitlines(keepends=True)
            whole = (line for line in lines if line.endswith(b"\n"))  # the last may have been cut short
            done = [msgspec.json.decode(line, type=_Done) for line in whole]
            return msgspec.json.decode(first, type=_Run), {one.name: one for one in done}
        except (OSError, ValueError, msgspec.MsgspecError):
            return None


def _hash(jobs: Sequence[Job]) -> str:
    """Of everything but the seed, and how many run at once."""
    asked = [msgspec.structs.replace(job, seed=0, threads=0) for job in jobs]
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
