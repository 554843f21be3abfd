"""Import libraries in a process that will fork others."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Threads that wait for the others of a computation sleep. By default they spin, which takes the core from the very
# thread they wait for as soon as anything else runs: on two busy cores, a training took more than ten times as long.
WAITING_THREADS = {"OMP_WAIT_POLICY": "PASSIVE"}


@contextmanager
def importing() -> Iterator[None]:
    """Import libraries within this: what they make is left out of every garbage collection, now and later.

    Collecting garbage while torch is imported takes a seventh of the CPU time, and once at the end as much again, to
    find 2 MB in 400. Collecting it later would write to, and thereby copy, memory that all forked processes share.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
