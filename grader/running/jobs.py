"""Jobs, which go to a grading process, outcomes, which come back, and the number of processes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.course.part_toml import Cap
from grader.course.version import PartVersion
from grader.intake.bulk import Piece
from grader.intake.submission import Submission, take_in
from grader.records.record import ResultRecord, Standing
from grader.reports.submission_pages import SubmissionPages
from grader.running import devices, handed_in, pace
from grader.running.pool_protocol import Pool

TOO_BUSY = "the machine was too busy with something else: run the same command again"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One submission to grade, as it travels to a process."""

    course: str
    assignment: str
    parts: tuple[str, ...]
    path: bytes  # bytes, since a student's file name need not be UTF-8
    name: str  # of the submission in its record
    pieces: tuple[tuple[bytes, bytes], ...] = ()  # what of the path is this submission's, and where; all if empty
    handed_in: bytes = b""  # what is at the path, where a machine grades that does not have it (handed_in.py)
    sandbox: str
    threads: int
    seed: int
    profile: str = "mini"
    real: tuple[str, ...] = ()  # data sets that must still be here: nobody is graded on mini because one is gone
    device: str = "cpu"
    checks_version: str = ""
    grader_version: str = ""
    versions: dict[str, PartVersion] = {}  # of each part, by name
    attempt: int = 0  # the number that its record will have, to make its pages with; 0 if it needs none
    keep: bool = False  # keep what was handed in and what it answered
    kept: bytes = b""  # judge this again, which an earlier grading kept, instead of the path
    run_again: bool = False  # and run it, even where its answers are kept
    visible_only: bool = False
    whole: bool = True
    solution_of: str = ""  # the path is one file: a known solution (reference, variant, mistake) of this part
    only: tuple[str, ...] = ()  # the checks to run, with those they depend on; all if empty
    until_caught: bool = False  # after one check that took marks, skip the rest of its part
    recognise: bool = True
    cap: Cap | None = None
    seconds: float | None = None  # within which its checks may begin

    @property
    def file(self) -> Path:
        """Return the path to grade: a folder or a file."""
        return Path(os.fsdecode(self.path))

    @property
    def is_practice(self) -> bool:
        """Return whether its record will be no grade: run without a sandbox, or on some parts or checks only."""
        return self.sandbox == "direct" or self.visible_only or bool(self.only) or not self.whole

    def take_in(self) -> Submission:
        """Return the submission, read into memory; raises IntakeRefused."""
        if self.handed_in:
            return handed_in.unpack(self.handed_in)
        pieces = [Piece(os.fsdecode(at), os.fsdecode(to)) for at, to in self.pieces]
        return take_in(self.file, pieces=pieces, name=self.name)


class JobOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a job: a record, or why there is none. With both, the fault is about the record's page.

    A submission that ended the grader itself twice is refused, and that is a fault: both are said.
    """

    name: str
    record: ResultRecord | None = None
    answers: bytes = b""  # what was handed in and what it answered, to be kept
    pages: SubmissionPages | None = None  # of the record, if the job asked for them and they could be made
    ran: tuple[str, ...] = ()  # the parts of which the student's code was run
    refused: str = ""  # why the submission was refused: a sentence for the student
    fault: str = ""  # why the grader failed

    @property
    def is_ours(self) -> bool:
        """Return whether the grader itself failed, so that the score is not final."""
        return bool(self.fault or (self.record and self.record.standing is Standing.needs_attention))


@dataclass(frozen=True, slots=True)
class Engine:
    """The number of processes, and of torch's threads in each.

    A ``patient`` one starts a second process only if the submissions take longer than that (`Pace`). ``elsewhere``
    opens a pool of so many processes on other machines; None means processes of this machine.
    """

    jobs: int
    threads: int
    patient: bool = False
    elsewhere: Callable[[], Pool[Job, JobOutcome]] | None = None

    @classmethod
    def for_machine(cls, jobs: int | None, submissions: int, device: str = "cpu") -> Engine:
        """Return an engine of ``jobs`` processes (default: one for each core) that share the cores.

        Never uses more processes than there are submissions, or with CUDA than there are GPUs.
        """
        cores = len(os.sched_getaffinity(0))
        patient = jobs is None and 1 < submissions <= pace.FEW
        jobs = max(1, min(jobs or cores, submissions))
        if device == "cuda":
            jobs = min(jobs, len(devices.gpus()))
        return cls(jobs, max(1, cores // jobs), patient)
