"""What a class's run has done so far, so that the same command resumes it after an interruption.

``<out>/run.jsonl`` is there while a class is graded: first a line that says which run it is, then one line for each
submission whose record is kept. A run that gets to its end deletes the file. A submission whose record was deleted is
graded again, whatever the file says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.errors import IntakeRefused
from grader.files.json_lines import JsonLines
from grader.intake.submission import take_in
from grader.records.record import ResultRecord
from grader.records.store import RUN_FILE
from grader.running.jobs import Job


class _Run(msgspec.Struct, frozen=True, tag="run"):
    """Which run it is: a hash of what the command asked for, without the seed; and the seed that was drawn."""

    asked: str
    seed: int


class _Done(msgspec.Struct, frozen=True, tag="done"):
    """One submission that was graded: a hash of what was handed in, and where its record is below the folder."""

    name: str
    sha256: str
    record: str


class ResumableRun:
    """One run of a class; it starts with what an interrupted run of the same jobs has done."""

    def __init__(self, folder: Path, jobs: Sequence[Job], *, seed_is_given: bool) -> None:
        """``seed_is_given`` says that the jobs' seed was typed, not drawn: a run with another seed is another run."""
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
        """The seed of this run: that of the interrupted run, if it resumes one."""
        return self._run.seed

    def is_done(self, job: Job) -> bool:
        """Return whether these very files have been graded already, and the record is still there."""
        done = self._done.get(job.name)
        if done is None or not (self._folder / done.record).is_file():
            return False
        try:
            return take_in(job.file).sha256 == done.sha256
        except IntakeRefused:
            return False

    def note(self, record: ResultRecord, path: Path) -> None:
        """Note that a submission is graded, and that its record is kept in ``path``; raises OSError."""
        where = str(path.relative_to(self._folder))
        self._file.append(_Done(record.submission.name, record.submission.sha256, where))

    def finish(self) -> None:
        """Delete the file: there is nothing left to resume."""
        self._file.path.unlink(missing_ok=True)


def _hash(jobs: Sequence[Job]) -> str:
    """Hash everything but the seed, and how many jobs run at once."""
    asked = [msgspec.structs.replace(job, seed=0, threads=0) for job in jobs]
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
