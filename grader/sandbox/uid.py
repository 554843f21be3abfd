"""Level ``uid``: the zygote runs as an unprivileged user, for containers with root but no namespaces."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

from grader.sandbox import left_behind, shared_files, walls
from grader.sandbox.environment import WORKER_FOLDER, claim_uid
from grader.sandbox.slot import Protections, SlotSettings
from grader.sandbox.zygote_slot import ZygoteSlot


class OwnUser:
    """A level whose slots each have a user id that nobody else on this machine has."""

    name = "uid"

    def obstacle(self) -> str:
        """Return why this level cannot be used here; empty if it can."""
        if os.geteuid() != 0:
            return "only root can become another user"
        for needed in (Path(sys.base_prefix), Path(sys.prefix), WORKER_FOLDER, Path(tempfile.gettempdir())):
            closed = [folder for folder in (needed, *needed.parents) if not folder.stat().st_mode & stat.S_IXOTH]
            if closed:
                return f"an unprivileged user cannot enter {closed[-1]}, and so cannot read {needed}"
        return walls.obstacle()

    def protections(self) -> Protections:
        """Return what this level protects from here, and what it does not."""
        present, missing = shared_files.kernel_walls()
        own = "a user of its own, who can change no file and no process of anyone else"
        shared = "shared memory that everybody may read can be read; deleted files there are not counted"
        return Protections((*walls.ALWAYS, own, *present), (*missing, shared, left_behind.WORDS))

    def open_slot(self, settings: SlotSettings) -> ZygoteSlot:
        """Return a new slot; its zygote starts on first use.

        Raises:
            SandboxError: all users for sandboxes are taken.
        """
        uid, claim = claim_uid()
        return shared_files.open_slot(self, settings, uid=uid, on_close=claim.close)
