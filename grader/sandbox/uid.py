"""Level ``uid``: the zygote as an unprivileged user, for containers that run as root but may make no namespaces."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

from grader.sandbox import shared_files, walls
from grader.sandbox.environment import WORKER_FOLDER, claim_uid
from grader.sandbox.slot import Protections, SlotSettings
from grader.sandbox.zygote_slot import ZygoteSlot

LEVEL = "uid"


def obstacle() -> str:
    """Why this level cannot be used here; empty when it can."""
    if os.geteuid() != 0:
        return "only root can become another user"
    for needed in (Path(sys.base_prefix), Path(sys.prefix), WORKER_FOLDER, Path(tempfile.gettempdir())):
        closed = [folder for folder in (needed, *needed.parents) if not folder.stat().st_mode & stat.S_IXOTH]
        if closed:
            return f"an unprivileged user cannot enter {closed[-1]}, and so not read {needed}"
    return walls.obstacle()


def protections() -> Protections:
    """What this level does here."""
    present, missing = shared_files.kernel_walls()
    own = "a user of its own: no file and no process of anyone else's is its to change"
    shared = "shared memory that everybody may read can be read; files there that have lost their name are not counted"
    return Protections((*walls.ALWAYS, own, *present), (*missing, shared))


def open_slot(settings: SlotSettings) -> ZygoteSlot:
    """A slot at this level; its zygote starts on first use."""
    uid, claim = claim_uid()
    return shared_files.open_slot(LEVEL, settings, protections(), uid=uid, on_close=claim.close)
