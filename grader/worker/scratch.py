"""The folders a worker may write to, emptied between one student and the next."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Sequence


def empty_folders(folders: Sequence[str]) -> bool:
    """Remove everything inside ``folders``; whether they are there and empty now."""
    try:
        for folder in folders:
            _open_again(folder)
            _empty(folder)
        return not any(os.listdir(folder) for folder in folders)
    except OSError:
        return False


def _open_again(folder: str) -> None:
    """Without a mount of its own a scratch folder can be removed, closed, or replaced by a link to somewhere else."""
    if os.path.lexists(folder) and not _is_folder(folder):
        os.unlink(folder)
    os.makedirs(folder, mode=stat.S_IRWXU, exist_ok=True)
    if os.stat(folder).st_uid == os.geteuid():
        os.chmod(folder, stat.S_IRWXU)


def _empty(folder: str) -> None:
    """Every folder found inside a folder is first moved up to ``folder``.

    So no depth is beyond the length of a path or the height of our stack. No student's process is alive any more.
    """
    numbers = itertools.count()
    while names := os.listdir(folder):
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
