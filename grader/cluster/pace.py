"""How long the jobs of a run took: so many are sent to a worker at once, and so long is too long."""

from __future__ import annotations

from bisect import insort

_SHORT_SECONDS = 1.0  # of a job; to send the next one only when it is done takes a hundredth of a second
_TASK_SECONDS = 0.5  # of jobs that are sent together; Dask itself needs about 0.006 s for a task
_LONG_SECONDS = 2.0  # of a job; of a shorter one there is no copy
_LONG_TIMES = 2.0  # as long as the median job


class Pace:
    """Decides how many jobs the workers get at once, and which ones take long."""

    def __init__(self) -> None:
        self._seconds = list[float]()  # of each job of this run, sorted

    def note(self, seconds: float) -> None:
        """Note how long a job took."""
        insort(self._seconds, seconds)

    def ahead(self) -> int:
        """Return how many tasks each thread of the workers has: if all jobs are short, the next is there already.

        Otherwise none has to wait behind a long one while another worker is idle, as at the end of a class.
        """
        return 2 if 0 < self._longest < _SHORT_SECONDS else 1

    def together(self, left: int, threads: int) -> int:
        """Return how many of the jobs left are sent as one task: more than one while all are short and many are left.

        Nobody can do those of a task that wait behind a long one, so there are fewer and fewer towards the end.
        """
        short = _TASK_SECONDS / self._longest if self._longest else 1
        return max(1, int(min(short, left / (4 * threads))))

    def is_long(self, seconds: float) -> bool:
        """Return whether a job that is not done after so many seconds takes clearly longer than most."""
        if not self._seconds:
            return False
        return seconds > max(_LONG_SECONDS, _LONG_TIMES * self._seconds[len(self._seconds) // 2])

    @property
    def _longest(self) -> float:
        return self._seconds[-1] if self._seconds else 0.0
