"""Find out why a job could not be graded on a worker: because of the worker, or because of the job."""

from __future__ import annotations

from typing import NamedTuple


class Failure(NamedTuple):
    """A worker on which something went wrong, and what, in words."""

    worker: str
    why: str


class Suspects:
    """Remembers on which worker a job failed first, until it has been tried again.

    A job that fails a second time, on another worker if there is one, is the cause itself. One that another worker can
    grade shows that the first worker is unfit.
    """

    def __init__(self) -> None:
        self._first = dict[str, Failure]()

    @property
    def workers(self) -> set[str]:
        """Workers on which a job has failed that is still to be tried elsewhere."""
        return {failure.worker for failure in self._first.values()}

    def failed(self, job: str, failure: Failure) -> bool:
        """Note that a job failed on a worker; return whether the job is the cause."""
        if self._first.pop(job, None):
            return True
        self._first[job] = failure
        return False

    def note(self, job: str, failure: Failure) -> None:
        """Note that a job failed on a worker while another one still grades it."""
        self._first.setdefault(job, failure)

    def graded(self, job: str, worker: str) -> Failure | None:
        """Note that a worker graded a job; return which other worker is unfit, as this shows."""
        failure = self._first.pop(job, None)
        return failure if failure and failure.worker != worker else None
