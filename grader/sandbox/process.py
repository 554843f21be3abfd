"""Level ``process``: the zygote is an ordinary process of our own user; workers have Landlock and seccomp walls."""

from __future__ import annotations

from grader.sandbox import left_behind, shared_files, walls
from grader.sandbox.slot import Protections, SlotSettings
from grader.sandbox.zygote_slot import ZygoteSlot
from grader.worker.confinement import landlock_version

_SAME_USER = (
    "permissions, times and attributes of this user's files can be changed",
    "shared memory of this user can be read and filled, and is not emptied",
    left_behind.WORDS,
)


class OrdinaryProcess:
    """A level that needs nothing but Linux: without namespaces, and without a user of its own."""

    name = "process"

    def obstacle(self) -> str:
        """Return why this level cannot be used here; empty if it can."""
        return walls.obstacle()

    def protections(self) -> Protections:
        """Return what this level protects from here, and what it does not."""
        present, missing = shared_files.kernel_walls()
        if landlock_version() < shared_files.SCOPES_SINCE:
            missing = (*missing, "processes of this user can be signalled")
        return Protections((*walls.ALWAYS, *present), (*missing, *_SAME_USER))

    def open_slot(self, settings: SlotSettings) -> ZygoteSlot:
        """Return a new slot; its zygote starts on first use. Raises nothing."""
        return shared_files.open_slot(self, settings)
