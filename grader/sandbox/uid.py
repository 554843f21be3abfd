"""Level ``uid``: the zygote as an unprivileged user, for containers that run as root but may make no namespaces."""

from __future__ import annotations

import os
import random
import socket
import stat
import sys
import tempfile
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox import shared_files, walls
from grader.sandbox.environment import UIDS, WORKER_FOLDER
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
    uid, claim = _claim_uid()
    return shared_files.open_slot(LEVEL, settings, protections(), uid=uid, on_close=claim.close)


def _claim_uid() -> tuple[int, socket.socket]:
    """A user that no other slot of this machine has: sweeping ends every process of that user.

    The claim is a name that the kernel gives to one socket at a time, and takes back when its process ends.
    """
    for uid in random.sample(UIDS, len(UIDS)):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0mlgrader-uid-{uid}")
        except OSError:
            claim.close()
            continue
        return uid, claim
    raise SandboxError(f"all {len(UIDS)} users for sandboxes are taken")
