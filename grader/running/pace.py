"""How many processes a pool starts, and when it gives them their tasks."""

from __future__ import annotations

import time

_START_SECONDS = 3.0  # of a process beside others: until its sandbox is ready
_SHORT_SECONDS = 1.0  # of a task; a process that waits for the next one loses a hundredth of a second
FEW = 30  # of more tasks nobody waits to see how long they take


class Pace:
    """Decides for one run; a patient one starts with a single process, and more only if they save time."""

    def __init__(self, jobs: int, *, patient: bool) -> None:
        self._jobs = jobs
        self._waits = patient and jobs > 1
        self._begun = time.monotonic()
        self._first = 0.0  # when the first task was done
        self._done = 0
        self._longest = 0.0  # seconds that a task took

    @property
    def seconds(self) -> float | None:
        """How long to wait for a task before asking `processes` again; None: until one is done."""
        return 0.5 if self._waits else None

    def note(self, seconds: float) -> None:
        """Note that a task is done, which took so long (0: not known)."""
        self._done += 1
        self._first = self._first or time.monotonic()
        self._longest = max(self._longest, seconds)

    def processes(self, left: int) -> int:
        """Return how many processes there may be while ``left`` tasks wait."""
        if self._waits and self._is_worth_more(left):
            self._waits = False
        return 1 if self._waits else self._jobs

    def is_ahead(self, left: int) -> bool:
        """Return whether a process gets its next task before it is done, while ``left`` tasks wait.

        Only while all are short and there is one for every other process: none waits behind a long one at the end.
        """
        return 0 < self._longest < _SHORT_SECONDS and left > self._jobs

    def _is_worth_more(self, left: int) -> bool:
        """Return whether the tasks left take longer, one after the other, than a process takes to start."""
        if self._done < 2:
            return time.monotonic() - self._begun > 2 * _START_SECONDS
        return left * (time.monotonic() - self._first) / (self._done - 1) > _START_SECONDS
