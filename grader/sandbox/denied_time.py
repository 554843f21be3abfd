"""Measure for how long others kept a student's processes from running: time that no deadline may count.

On a machine that is busy with something else, a process waits for a core. The kernel counts how long each thread waited
and how long it ran. Processes that wait for each other are denied nothing: what they used of their cores is taken off.
"""

from __future__ import annotations

import time
from collections import ChainMap
from collections.abc import Sequence
from typing import NamedTuple

from grader.worker.process_table import cpu_seconds, descendants, descendants_listed, seconds_waited


class _State(NamedTuple):
    """What the kernel has counted up to a moment: CPU seconds by process, and seconds of waiting by thread."""

    at: float
    used: dict[int, float]
    waited: dict[int, float]


class DeniedTime:
    """Measures from now on for the processes below ``ancestor``, which have ``cores`` cores to themselves."""

    def __init__(self, ancestor: int, cores: int) -> None:
        self._ancestor = ancestor
        self._cores = cores
        # Quickly, since most never ask. A process that is missed here is denied less: it seems to have used more since.
        self._start = _state(descendants_listed(ancestor))

    def seconds(self) -> float:
        """Return how many seconds of this time they could not use.

        That is at most what one of their threads waited for a core, and at most what their cores could have given and
        did not. 0 where the kernel does not count.
        """
        now, start = _state(descendants(self._ancestor)), self._start
        waited = max((seconds - start.waited.get(thread, 0.0) for thread, seconds in now.waited.items()), default=0.0)
        used = sum(seconds - start.used.get(pid, 0.0) for pid, seconds in now.used.items())
        return max(0.0, min(waited, self._cores * (now.at - start.at) - used))


def _state(pids: Sequence[int]) -> _State:
    used = {pid: cpu_seconds(pid, children=True) for pid in pids}
    return _State(time.monotonic(), used, dict(ChainMap(*map(seconds_waited, pids))))
