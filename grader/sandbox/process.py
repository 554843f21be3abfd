"""Level ``process``: the zygote without namespaces, as our own user; Landlock and seccomp where the kernel has them."""

from __future__ import annotations

from grader.sandbox import shared_files, walls
from grader.sandbox.slot import Protections, SlotSettings
from grader.sandbox.zygote_slot import ZygoteSlot
from grader.worker.confinement import landlock_version

LEVEL = "process"
_SAME_USER = (
    "permissions, times and attributes of this user's files can be changed",
    "shared memory of this user can be read and filled, and is not emptied",
)


def obstacle() -> str:
    """Why this level cannot be used here; empty when it can."""
    return walls.obstacle()


def protections() -> Protections:
    """What this level does here."""
    present, missing = shared_files.kernel_walls()
    if landlock_version() < shared_files.SCOPES_SINCE:
        missing = (*missing, "processes of this user can be signalled")
    return Protections((*walls.ALWAYS, *present), (*missing, *_SAME_USER))


def open_slot(settings: SlotSettings) -> ZygoteSlot:
    """A slot at this level; its zygote starts on first use."""
    return shared_files.open_slot(LEVEL, settings, protections())
