"""Claim cores of the machine, so that no slot takes those of another."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import socket

from grader.sandbox import container


@functools.cache
def own_cores(threads: int) -> tuple[int, ...]:
    """Return ``threads`` cores for the slots of this process, which no other process of a grader here has claimed.

    Where too few are free (several graders at once), return all cores that this process may use. The claim is a socket
    name that only one process can hold; the kernel frees it when that process ends. A container with a share of the
    cores gets all of them: others have them, too, whose claims it cannot see, and the kernel holds it to its share.
    """
    cores = sorted(os.sched_getaffinity(0))
    if container.cores() < len(cores):
        return tuple(cores)
    for first in range(0, len(cores) - threads + 1, threads):
        own = tuple(cores[first : first + threads])
        with contextlib.suppress(OSError), contextlib.ExitStack() as claims:
            for core in own:
                claims.enter_context(socket.socket(socket.AF_UNIX)).bind(f"\0mlgrader-core-{core}")
            atexit.register(claims.pop_all().close)  # held as long as this process lives
            return own
    return tuple(cores)
