"""How many tasks a pool gives to its processes at once."""

from __future__ import annotations

import time

_START_SECONDS = 3.0  # of a process beside others: until its torch is loaded and its sandbox is ready
_ALONE_SECONDS = 1.5  # in which the first of two processes starts if it has both cores: it and its sandbox load torch
_AHEAD = 2  # tasks for each process, so that the next one is there when one is done
FEW = 30  # of more tasks nobody waits to see how long they take


def at_once(jobs: int, *, patient: bool) -> int:
    """Return how many of a pool's processes start at once.

    Of two, the second one starts when the first is ready: so the first and its sandbox have both cores, the first
    result is there a second earlier, and the class is done no later.
    """
    return 1 if patient or jobs == 2 else jobs


class Pace:
    """Decides for one run; a patient one starts with a single process, and more only if they save time."""

    def __init__(self, jobs: int, *, patient: bool) -> None:
        self._jobs = jobs
        self._waits = patient and jobs > 1
        self._is_alone = at_once(jobs, patient=patient) < jobs
        self._begun = time.monotonic()
        self._first = 0.0  # when the first task was done
        self._done = 0

    @property
    def seconds(self) -> float | None:
        """How long to wait for a task before asking `most` again; None: until one is done."""
        return 0.5 if self._waits or self._is_alone else None

    def note(self) -> None:
        """Note that a task is done."""
        self._done += 1
        self._first = self._first or time.monotonic()

    def most(self, left: int) -> int:
        """Return how many tasks may be with the processes while ``left`` others wait."""
        if self._waits and self._is_worth_more(left):
            self._waits = False
        if self._done or time.monotonic() - self._begun > _ALONE_SECONDS:
            self._is_alone = False
        return 1 if self._waits or self._is_alone else _AHEAD * self._jobs + 1

    def _is_worth_more(self, left: int) -> bool:
        """Return whether the tasks left take longer, one after the other, than a process takes to start."""
        if self._done < 2:
            return time.monotonic() - self._begun > 2 * _START_SECONDS
        return left * (time.monotonic() - self._first) / (self._done - 1) > _START_SECONDS
