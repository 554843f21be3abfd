"""Find and remove what is left on this machine of workers whose grader and zygote were killed together.

A zygote ends its workers and removes its folder when its grader is gone, even after SIGKILL; inside namespaces the
kernel does. Only where both were killed at once (kill -9 of a whole group, no memory left) is something left: the
folder of a slot, and processes that a student started. They are told by names that only slots have: a folder that no
grader holds a lock on, and a HOME in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grader.sandbox.environment import UIDS
from grader.worker.scratch import empty_folders

SLOT, WEIGHTS = "mlgrader-slot-", "mlgrader-weights-"
_OURS = re.compile(f"(?:{SLOT}|{WEIGHTS})[a-z0-9_]{{8}}")
WORDS = (
    "files and processes of a student are left if the grader and its sandbox are killed at once "
    "(`grader doctor --clean` removes them)"
)
_FRESH_SECONDS = 60.0  # a folder that was made just now may not be locked yet


def make_folder(prefix: str) -> tuple[Path, int]:
    """Make a temporary folder that counts as used while the returned descriptor is open."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return folder, lock


def folders() -> list[Path]:
    """Return the folders that were left behind and that this user may remove."""
    named = (path for path in Path(tempfile.gettempdir()).iterdir() if _OURS.fullmatch(path.name))
    return sorted(filter(_left, named))


def processes() -> list[int]:
    """Return the processes that were left behind, as far as this user may see what they were started with."""
    home = re.compile(rf"HOME={re.escape(tempfile.gettempdir())}/({SLOT}[a-z0-9_]{{8}})/home".encode())
    found = []
    for pid in (int(process.name) for process in Path("/proc").iterdir() if process.name.isdecimal()):
        with contextlib.suppress(OSError):
            for words in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                match = home.fullmatch(words)
                if match and not _in_use(Path(tempfile.gettempdir(), match[1].decode())):
                    found.append(pid)
    return found


def clean() -> None:
    """End those processes, and remove those folders as the user whom they belong to."""
    for pid in processes():
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    for folder in folders():
        _remove_as_owner(folder)


def _left(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        about = folder.lstat()
        ours = about.st_uid == os.geteuid() or (os.geteuid() == 0 and about.st_uid in UIDS)
        # ctime, which nobody can set
        old = time.time() - about.st_ctime > _FRESH_SECONDS
        return stat.S_ISDIR(about.st_mode) and ours and old and not _in_use(folder)
    return False


def _in_use(folder: Path) -> bool:
    """Return whether a grader holds the folder; what cannot be opened counts as held, what is gone does not."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _remove_as_owner(folder: Path) -> None:
    """Remove a folder in a process of its owner's: a student's process that is still there must not mislead root."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            if (owner := folder.lstat().st_uid) != os.geteuid():
                os.setgroups([])
                os.setresgid(owner, owner, owner)
                os.setresuid(owner, owner, owner)
            if empty_folders([str(folder)]):
                folder.rmdir()
        os._exit(0)
    os.waitpid(child, 0)


def told() -> Iterator[str]:
    """Yield in words what is left behind here."""
    for folder in folders():
        yield f"the folder {folder}"
    for pid in processes():
        yield f"the process {pid}"
