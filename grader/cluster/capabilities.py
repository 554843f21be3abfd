"""What each worker of a cluster gives: cores, versions, sandbox, GPUs; and why it could not grade."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, NamedTuple

from grader.cluster.on_worker import unfit
from grader.running import devices
from grader.sandbox.levels import LEVELS
from grader.verification.engine import grader_version

if TYPE_CHECKING:
    from distributed import Client


class Capabilities(NamedTuple):
    """One worker: its address, what it gives in words, and why it cannot grade; ``obstacle`` is empty if it can."""

    address: str
    words: str
    obstacle: str


def capabilities(client: Client) -> list[Capabilities]:
    """Ask every worker of a cluster; sorted by address."""
    threads = client.nthreads()
    found = client.run(_of_this_machine, grader_version())
    return [
        Capabilities(address, f"{threads.get(address, 1)} at once; {words}", obstacle)
        for address, (words, obstacle) in sorted(found.items())
    ]


def _of_this_machine(wanted: str) -> tuple[str, str]:
    """Run on a worker: say what it gives, and why it cannot grade as the version ``wanted`` would."""
    try:
        torch = version("torch")
    except PackageNotFoundError:
        torch = "not installed"
    levels = [name for name, level in LEVELS.items() if name != "direct" and not level.obstacle()]
    words = (
        f"{platform.node()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, torch {torch}, "
        f"sandbox {levels[0] if levels else 'none'}, {len(devices.gpus()) or 'no'} GPU"
    )
    return words, unfit(wanted, levels[0] if levels else next(iter(LEVELS)), "cpu")
