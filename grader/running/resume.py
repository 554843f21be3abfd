"""Note what a run that grades everything has done, so that the same command resumes it after an interruption.

That is a run with ``--again``, or a practice run. For others the records say what is done (running/unchanged.py).
``<out>/run.jsonl`` exists while the class is graded: its first line identifies the run, and each other line names a
submission whose record is stored. A run that ends deletes the file. A submission whose record was deleted is graded
again, even if the file has a line for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.errors import IntakeRefused
from grader.files.json_lines import JsonLines
from grader.records.record import ResultRecord
from grader.records.store import RUN_FILE
from grader.running.jobs import Job


class _Run(msgspec.Struct, frozen=True, tag="run"):
    """The first line: a hash of the jobs without their seed, and the seed."""

    asked: str
    seed: int


class _Done(msgspec.Struct, frozen=True, tag="done"):
    """One graded submission: the hash of its files, and the path of its record below the folder."""

    name: str
    sha256: str
    record: str


class ResumableRun:
    """One run of a class, which resumes an interrupted run of the same jobs if there is one."""

    def __init__(self, folder: Path, jobs: Sequence[Job], *, seed_is_given: bool) -> None:
        """Read the notes of an interrupted run. If ``seed_is_given``, only a run with the same seed is resumed.

        Deletes the notes of any other run.
        """
        self._folder = folder
        self._file = JsonLines[_Run | _Done](folder / RUN_FILE, _Run | _Done)
        self._run = _Run(_hash(jobs), jobs[0].seed)
        self._done: dict[str, _Done] = {}  # by the submission's name
        lines = list(self._file.read())
        earlier = lines[0] if lines else None
        if (
            isinstance(earlier, _Run)
            and earlier.asked == self._run.asked
            and (earlier == self._run or not seed_is_given)
        ):
            self._run = earlier
            self._done = {one.name: one for one in lines if isinstance(one, _Done)}
        else:
            self.finish()
            self._file.append(self._run)

    @property
    def seed(self) -> int:
        """Return the seed of this run: that of the interrupted run if it resumes one."""
        return self._run.seed

    def is_done(self, job: Job) -> bool:
        """Return whether exactly these files have been graded and their record still exists."""
        done = self._done.get(job.name)
        if done is None or not (self._folder / done.record).is_file():
            return False
        try:
            return job.take_in().sha256 == done.sha256
        except IntakeRefused:
            return False

    def note(self, record: ResultRecord, path: Path) -> None:
        """Note that a submission is graded and its record stored in ``path``; raises OSError if that fails."""
        where = str(path.relative_to(self._folder))
        self._file.append(_Done(record.submission.name, record.submission.sha256, where))

    def finish(self) -> None:
        """Delete the file, since nothing is left to resume."""
        self._file.path.unlink(missing_ok=True)


def _hash(jobs: Sequence[Job]) -> str:
    """Return a hash of the jobs without their seed and threads."""
    asked = [msgspec.structs.replace(job, seed=0, threads=0) for job in jobs]
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
