"""Wait until a student saves a file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

State = Mapping[str, tuple[int, int]]  # of each file: when it was changed, in nanoseconds, and its size


def wait_for_change(look: Callable[[], State], before: State, *, every: float = 0.5) -> State:
    """Look every so many seconds until the files are not as ``before``; return how they are when they rest again."""
    seen = before
    while True:
        time.sleep(every)
        now = look()
        if now == seen and now != before:  # no file has changed since the last look: an editor has finished writing
            return now
        seen = now
