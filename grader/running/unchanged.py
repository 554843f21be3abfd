"""Grade a class again, but only what is new or has changed: the stored records say what is done.

A record stays valid while all that a score depends on is the same: the files handed in, the checks with all that they
compare with, the grader, the data sets, profile, device and sandbox level, and the seed if one was asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from grader.errors import IntakeRefused
from grader.records.record import ResultRecord, Standing
from grader.records.store import RUN_FILE, Store
from grader.running.jobs import Job

# Why a submission is graded, in the order in which a run tells it.
NEW, HANDED_IN_AGAIN = "new", "changed"
REFUSED, OUR_FAULT = "refused before", "where the grader failed"
UNREADABLE = "whose record cannot be read"
OTHER_CHECKS, OTHER_GRADER = "since the checks changed", "since the grader changed"
OTHER_SETTING = "in another setting"


class Progress(Protocol):
    """Knows what of a run of a class is done, and notes what gets done."""

    @property
    def seed(self) -> int:
        """Return the seed of this run."""

    def is_done(self, job: Job) -> bool:
        """Return whether a submission need not be graded in this run."""

    def note(self, record: ResultRecord, path: Path) -> None:
        """Note that a submission is graded and its record stored in ``path``; raises OSError if that fails."""

    def finish(self) -> None:
        """Note that nothing is left to do."""


class OnlyNew:
    """The `Progress` of a run that keeps the records which are still valid.

    If it keeps any, it grades the others with their seed, unless another was asked for: one class gets one seed.
    """

    def __init__(self, store: Store, jobs: Sequence[Job], data: Mapping[str, str], *, seed_is_given: bool) -> None:
        """Compare every job with the record that counts; ``data`` has the origin of each data set of this run."""
        self._path = store.folder / RUN_FILE
        self._data, self._seed_is_given = dict(data), seed_is_given
        self.why = {job.name: self._why(job, store) for job in jobs}  # by name; empty if the record is valid
        kept = Counter(record.seed for record in self._kept(store, jobs))
        self._seed = kept.most_common(1)[0][0] if kept and not seed_is_given else jobs[0].seed

    @property
    def seed(self) -> int:
        """Return the seed of this run."""
        return self._seed

    def is_done(self, job: Job) -> bool:
        """Return whether the record of a submission is still valid."""
        return not self.why[job.name]

    def note(self, record: ResultRecord, path: Path) -> None:
        """Do nothing: the stored record says it all."""

    def finish(self) -> None:
        """Drop the notes of an interrupted run that graded everything again."""
        self._path.unlink(missing_ok=True)

    @property
    def in_words(self) -> str:
        """Say how many submissions are kept and why the others are graded; empty if all are new."""
        counts = Counter(self.why.values())
        kept = counts.pop("", 0)
        if set(counts) <= {NEW} and not kept:
            return ""
        rest = ", ".join(f"{count} {why}" for why, count in counts.items())
        to_do = f"grading {rest}" if rest else "nothing is new"
        return f"{kept} of {len(self.why)} submissions are already graded and unchanged; {to_do} (--again grades all)"

    def _kept(self, store: Store, jobs: Sequence[Job]) -> Iterator[ResultRecord]:
        for job in jobs:
            record = store.latest_of(job.name) if self.is_done(job) else None
            if record:
                yield record

    def _why(self, job: Job, store: Store) -> str:
        """Return why a submission must be graded; empty if it need not."""
        attempts = [record for record in store.attempts(job.name) if not record.is_practice]
        if not attempts:
            return NEW
        record = attempts[-1]
        if any(one.attempt > record.attempt for one in store.unreadable_of(job.name)):
            return UNREADABLE
        if record.refused:
            return REFUSED
        if record.standing is Standing.needs_attention:
            return OUR_FAULT
        try:
            if job.take_in().sha256 != record.submission.sha256:
                return HANDED_IN_AGAIN
        except IntakeRefused:
            return HANDED_IN_AGAIN
        return self._what_differs(job, record)

    def _what_differs(self, job: Job, record: ResultRecord) -> str:
        if record.checks_version != job.checks_version:
            return OTHER_CHECKS
        if record.grader_version != job.grader_version:
            return OTHER_GRADER
        now = (job.profile, job.device, job.sandbox, self._data)
        then = (record.profile, record.device, record.environment.sandbox, record.datasets)
        same_seed = record.seed == job.seed or not self._seed_is_given
        return "" if now == then and same_seed else OTHER_SETTING
