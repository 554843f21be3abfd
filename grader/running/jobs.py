"""What travels to a grading process and back: a job, its outcome, and how many processes share the machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.course.part_toml import Cap
from grader.records.record import ResultRecord
from grader.running import devices


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One submission to grade, as it travels to a process."""

    course: str
    assignment: str
    parts: tuple[str, ...]
    path: bytes  # as the file system has it: a student's file name need not be UTF-8
    name: str  # under which the record is kept
    sandbox: str
    threads: int
    seed: int
    profile: str = "mini"
    real: tuple[str, ...] = ()  # data sets that were here when the run began: nobody is graded on mini for want of one
    device: str = "cpu"
    visible_only: bool = False
    whole: bool = True
    solution_of: str = ""  # the path is one file: a known solution (reference, variant, mistake) of this part
    only: tuple[str, ...] = ()  # the checks to run, with what they depend on; none named: all of them
    recognise: bool = True
    cap: Cap | None = None

    @property
    def file(self) -> Path:
        """What to grade: a folder or a file."""
        return Path(os.fsdecode(self.path))


class JobOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a job: a record, or why there is none; with both, what went wrong with the record's page."""

    name: str
    record: ResultRecord | None = None
    refused: str = ""  # the submission could not be taken in: a sentence for the student
    fault: str = ""  # our own fault


@dataclass(frozen=True, slots=True)
class Engine:
    """How many processes, and the threads that torch has in each."""

    jobs: int
    threads: int

    @classmethod
    def for_machine(cls, jobs: int | None, submissions: int, device: str = "cpu") -> Engine:
        """``jobs`` processes (default: one for each core, no more than submissions); threads share out the cores.

        With CUDA never more than one for each GPU.
        """
        cores = len(os.sched_getaffinity(0))
        jobs = max(1, min(jobs or cores, submissions))
        if device == "cuda":
            jobs = min(jobs, len(devices.gpus()))
        return cls(jobs, max(1, cores // jobs))
