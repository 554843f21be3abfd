"""Level ``process``: the same zygote without namespaces. Limits and a clean environment, but a shared file system."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from grader.sandbox.environment import WORKER_FOLDER, worker_environment
from grader.sandbox.slot import SlotSettings
from grader.sandbox.zygote_slot import Launch, ZygoteSlot

LEVEL = "process"
PROTECTIONS = (
    "own process, ended at the deadline",
    "memory, CPU time, processes and file sizes limited",
    "clean environment",
    "files left behind in its own folder are removed before the next student",
    "processes left behind are ended before the next student",
)
MISSING = (
    "files of this user can be read and written",
    "network is not blocked",
    "processes of this user can be seen and signalled",
)


def obstacle() -> str:
    """Why this level cannot be used here; it always can."""
    return ""


def open_slot(settings: SlotSettings) -> ZygoteSlot:
    """A slot at this level; its zygote starts on first use."""
    home = Path(tempfile.mkdtemp(prefix="mlgrader-"))

    def launch(settings: SlotSettings) -> Launch:
        command = (sys.executable, "-I", "-B", str(WORKER_FOLDER / "bootstrap.py"))
        environment = worker_environment(settings, home=str(home))
        if settings.torch_home is not None:
            environment["TORCH_HOME"] = str(settings.torch_home)
        return Launch(command, environment, {"scratch": [str(home)], "own_pid_namespace": False, "uid": None})

    return ZygoteSlot(
        LEVEL,
        launch,
        settings,
        protections=PROTECTIONS,
        missing=MISSING,
        on_close=lambda: shutil.rmtree(home, ignore_errors=True),
    )
