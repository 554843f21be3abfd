"""Empty the folders that a worker may write to, and measure what is in them."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from collections.abc import Callable, Sequence

_PAGE = 4096
_UNCOUNTABLE = 1 << 60  # bytes
_INODE = 1024  # of a file in a tmpfs, with its name
_SET_BY_STUDENTS = ("user.", "system.posix_acl_")  # extended attributes that the owner of a folder may set


def empty_folders(folders: Sequence[str], shared: Sequence[str] = ()) -> bool:
    """Remove all in ``folders``, and this user's files in ``shared``; return whether nothing is left.

    The ``folders`` themselves get back the mode, times and attributes of new ones: a student may have set them.
    """
    try:
        for folder in folders:
            _open_again(folder)
            _empty(folder, os.listdir)
            _make_like_new(folder)
        for folder in shared:
            _empty(folder, _own)
        return not any(map(os.listdir, folders)) and not any(map(_own, shared))
    except OSError:
        return False


def bytes_held(folders: Sequence[str]) -> int:
    """Return the bytes of this user's files in ``folders``; at least a page each, so that many small ones count too.

    Folders nested so deep that their path is too long for the kernel cannot be counted: they are more than any limit.
    """
    waiting = [os.path.join(folder, name) for folder in folders for name in _own(folder)]
    held = 0
    while waiting:
        path = waiting.pop()
        try:
            held += max(_PAGE, os.lstat(path).st_blocks * 512)
            if _is_folder(path):
                os.chmod(path, stat.S_IRWXU)  # a folder without permissions would hide what it holds
                waiting += [os.path.join(path, name) for name in os.listdir(path)]
        except OSError as error:  # removed meanwhile, or not readable
            if error.errno == errno.ENAMETOOLONG:
                return _UNCOUNTABLE
    return held


def bytes_of_inodes(folders: Sequence[str]) -> int:
    """Return the bytes of kernel memory for the files in ``folders`` (each a tmpfs), even for empty files."""
    held = map(os.statvfs, folders)
    return sum(each.f_files - each.f_ffree for each in held) * _INODE


def _own(folder: str) -> list[str]:
    """Return the names in a shared folder that belong to this user."""
    me, names = os.geteuid(), []
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):  # files of others may vanish
            if os.lstat(os.path.join(folder, name)).st_uid == me:
                names.append(name)
    return names


def _open_again(folder: str) -> None:
    """Repair a scratch folder that was removed, closed, or replaced by a link."""
    if os.path.lexists(folder) and not _is_folder(folder):
        os.unlink(folder)
    os.makedirs(folder, mode=stat.S_IRWXU, exist_ok=True)
    if os.stat(folder).st_uid == os.geteuid():
        os.chmod(folder, stat.S_IRWXU)


def _make_like_new(folder: str) -> None:
    """Take away what a folder's owner can set: a default ACL would close the next student's files, times carry words.

    A worker cannot set them where its system calls are filtered, nor on a folder of another user's.
    """
    if os.stat(folder).st_uid != os.geteuid():
        return
    for name in os.listxattr(folder):
        if name.startswith(_SET_BY_STUDENTS):
            os.removexattr(folder, name)
    os.utime(folder, (0, 0))


def _empty(folder: str, inside: Callable[[str], list[str]]) -> None:
    """Remove everything ``inside`` lists, moving each inner folder up to ``folder`` before it is emptied.

    So no nesting is too deep for the length of a path or for our stack. No student's process is alive at this point.
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
    """Remove the files of one folder and move its folders up."""
    os.chmod(path, stat.S_IRWXU)  # students may leave folders without permissions
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
