"""Estimate how long the rest of a class takes, from how long its parts took so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import fmean

from grader.records.record import ResultRecord

_ENOUGH = 5  # submissions graded in this run: then the times of earlier runs no longer count
_AROUND_THE_PARTS = ""  # what a grading takes besides its parts: reading the files, finding mistakes


class RemainingTime:
    """Learns the mean time of each part, and says how long the submissions that are left will take.

    Of each part, the longest time counts only as much as the second longest: one slow student is no reason to expect
    others, but two are.
    """

    def __init__(self, processes: int, earlier: Iterable[ResultRecord] = ()) -> None:
        """Start with the times of ``earlier`` records, until enough are finished in this run."""
        self._processes = processes
        self._earlier: dict[str, list[float]] = defaultdict(list)
        self._now: dict[str, list[float]] = defaultdict(list)
        self._finished = 0
        for record in earlier:
            _add(self._earlier, record)

    def learn(self, record: ResultRecord) -> None:
        """Take in the times of a submission that was graded now; a refused one had none."""
        if record.parts:
            _add(self._now, record)
            self._finished += 1

    def seconds(self, waiting: int, running: Iterable[float]) -> float | None:
        """Return the seconds until all are graded: ``waiting`` ones, and those that have run for so many seconds.

        None while nothing is known.
        """
        times = self._now if self._finished >= _ENOUGH or not self._earlier else self._earlier
        if not times:
            return None
        each = sum(map(_steady_mean, times.values()))
        left = [max(0.0, each - spent) for spent in running]
        return max([(waiting * each + sum(left)) / self._processes, *left])


def _add(times: Mapping[str, list[float]], record: ResultRecord) -> None:
    for part in record.parts:
        times[part.name].append(part.seconds)
    times[_AROUND_THE_PARTS].append(max(0.0, record.seconds - sum(part.seconds for part in record.parts)))


def _steady_mean(values: list[float]) -> float:
    *others, longest = sorted(values)
    return fmean([*others, min(longest, others[-1]) if others else longest])
