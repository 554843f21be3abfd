"""How long the jobs of a run took, and what follows: how many a worker gets at once, and which ones take long."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

_SHORT_SECONDS = 1.0  # of a job; to send the next one only when it is done takes a hundredth of a second
_TASK_SECONDS = 0.5  # of jobs that are sent together; Dask itself needs about 0.006 s for a task
_FEW = 20  # one of so many jobs may take longer than the others
_LONG_SECONDS = 2.0  # of a job; of a shorter one there is no copy
_LONG_TIMES = 2.0  # as long as the median job


class Pace:
    """Decides how many jobs the workers get at once, and which ones take long."""

    def __init__(self) -> None:
        self._seconds = list[float]()  # of each job of this run, sorted
        self._on = dict[str, list[float]]()  # the same, by worker

    def note(self, worker: str, seconds: float) -> None:
        """Note how long a job took on a worker."""
        insort(self._seconds, seconds)
        insort(self._on.setdefault(worker, []), seconds)

    def usual(self) -> dict[str, float]:
        """Return how many seconds a job usually took on each worker that has done one: the median."""
        return {worker: _median(seconds) for worker, seconds in self._on.items()}

    def ahead(self) -> int:
        """Return how many tasks each thread of the workers has: if all jobs are short, the next is there already.

        Otherwise none has to wait behind a long one while another worker is idle, as at the end of a class.
        """
        return 2 if 0 < self.longest < _SHORT_SECONDS else 1

    def together(self, left: int, threads: int) -> int:
        """Return how many of the jobs left are sent as one task: several while nearly all are short, and many are left.

        Nobody can do those of a task that wait behind a long one, so there are fewer and fewer towards the end.
        """
        short = _TASK_SECONDS / _at_most(self._seconds) if self.longest else 1
        return max(1, int(min(short, left / (4 * threads))))

    def is_long(self, seconds: float) -> bool:
        """Return whether a job that is not done after so many seconds takes clearly longer than most."""
        return bool(self._seconds) and seconds > max(_LONG_SECONDS, _LONG_TIMES * _median(self._seconds))

    @property
    def longest(self) -> float:
        """The seconds that the longest job took; 0 until one is done."""
        return self._seconds[-1] if self._seconds else 0.0


def _at_most(ordered: Sequence[float]) -> float:
    """Return what nearly all take at most: the very first one takes longer than the others."""
    return ordered[-1 - len(ordered) // _FEW]


def _median(ordered: Sequence[float]) -> float:
    return ordered[len(ordered) // 2]
