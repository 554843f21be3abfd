"""Import libraries in a process that will fork others."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterable

# Threads that wait for the others of a computation sleep. By default they spin, which takes the core from the very
# thread they wait for as soon as anything else runs: on two busy cores, a training took eleven times as long.
WAITING_THREADS = {"OMP_WAIT_POLICY": "PASSIVE"}


def preload(names: Iterable[str]) -> None:
    """Import modules, and keep what they made out of every later garbage collection.

    Collecting garbage while torch is imported finds nothing, and takes a seventh of the CPU time. Collecting it later
    would write to, and thereby copy, memory that all forked processes share.
    """
    gc.disable()
    try:
        for name in names:
            importlib.import_module(name)
    finally:
        gc.enable()
    gc.collect()
    gc.freeze()
