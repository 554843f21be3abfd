"""The folders a worker may write to, emptied between one student and the next."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from collections.abc import Callable, Sequence

_PAGE = 4096
_INODE = 1024  # of a file in a tmpfs, with its name


def empty_folders(folders: Sequence[str], shared: Sequence[str] = ()) -> bool:
    """Remove all that is inside ``folders``, and this user's own inside ``shared``; whether nothing of it is left."""
    try:
        for folder in folders:
            _open_again(folder)
            _empty(folder, os.listdir)
        for folder in shared:
            _empty(folder, _own)
        return not any(map(os.listdir, folders)) and not any(map(_own, shared))
    except OSError:
        return False


def bytes_held(folders: Sequence[str]) -> int:
    """What this user's files inside ``folders`` take; at least a page each, so that many small ones count too."""
    waiting = [os.path.join(folder, name) for folder in folders for name in _own(folder)]
    held = 0
    while waiting:
        path = waiting.pop()
        with contextlib.suppress(OSError):  # gone meanwhile, or closed to us
            held += max(_PAGE, os.lstat(path).st_blocks * 512)
            if _is_folder(path):
                os.chmod(path, stat.S_IRWXU)  # one that is closed would hide what it holds
                waiting += [os.path.join(path, name) for name in os.listdir(path)]
    return held


def bytes_of_inodes(folders: Sequence[str]) -> int:
    """What the kernel keeps for the files in ``folders``, each a tmpfs of its own, whatever is in them."""
    held = map(os.statvfs, folders)
    return sum(each.f_files - each.f_ffree for each in held) * _INODE


def _own(folder: str) -> list[str]:
    """The names in a folder of many users that belong to this one."""
    me, names = os.geteuid(), []
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):  # others come and go
            if os.lstat(os.path.join(folder, name)).st_uid == me:
                names.append(name)
    return names


def _open_again(folder: str) -> None:
    """Without a mount of its own a scratch folder can be removed, closed, or replaced by a link to somewhere else."""
    if os.path.lexists(folder) and not _is_folder(folder):
        os.unlink(folder)
    os.makedirs(folder, mode=stat.S_IRWXU, exist_ok=True)
    if os.stat(folder).st_uid == os.geteuid():
        os.chmod(folder, stat.S_IRWXU)


def _empty(folder: str, inside: Callable[[str], list[str]]) -> None:
    """Every folder found inside a folder is first moved up to ``folder``.

    So no depth is beyond the length of a path or the height of our stack. No student's process is alive any more.
    """
    numbers = itertools.count()
    while names := inside(folder):
        for name in names:
            path = os.path.join(folder, name)
            if not _is_folder(path):
                os.unlink(path)
                continue
            _lift(path, folder, numbers)
            os.rmdir(path)


def _lift(path: str, folder: str, numbers: itertools.count[int]) -> None:
    """Empty one folder: its files are removed, its folders moved up."""
    os.chmod(path, stat.S_IRWXU)  # students may leave folders without permissions; they are ours to open again
    for name in os.listdir(path):
        inner = os.path.join(path, name)
        if not _is_folder(inner):
            os.unlink(inner)
            continue
        os.chmod(inner, stat.S_IRWXU)
        free = (os.path.join(folder, f"lifted-{number}") for number in numbers)
        os.rename(inner, next(place for place in free if not os.path.lexists(place)))


def _is_folder(path: str) -> bool:
    return stat.S_ISDIR(os.lstat(path).st_mode)
