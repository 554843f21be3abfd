"""The readers there are (a folder, a zip, one file), and the choice of one.

A new kind of submission is a new reader in a file of its own, and one more entry in `READERS`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import IntakeRefused
from grader.intake.archive import Gathering, IntakeLimits, is_litter, shown, unzip
from grader.intake.reader import Contents, Reader, chunks, opened

_CODE = (".py", ".pyw", ".ipynb", ".py.txt", ".ipynb.txt", ".ipynb.json")  # browsers add an ending to what they know


class FolderReader:
    """Reads a folder with all folders in it."""

    def takes(self, path: Path) -> bool:
        """Return whether ``path`` is a folder; raises OSError."""
        return stat.S_ISDIR(path.lstat().st_mode)

    def read(self, path: Path, limits: IntakeLimits) -> Contents:
        """Read every file below ``path``; links, devices and sockets are left out."""
        walk = FolderWalk(Gathering(limits))
        with opened(path, os.O_DIRECTORY) as folder:
            walk.read(folder)
        return Contents(walk.gathering.files, tuple(walk.left_out), tuple(walk.gathering.left_out))


class ZipReader:
    """Reads a zip file without unpacking it to disk."""

    def takes(self, path: Path) -> bool:
        """Return whether ``path`` is a file called ``.zip``; raises OSError."""
        return stat.S_ISREG(path.lstat().st_mode) and path.suffix.casefold() == ".zip"

    def read(self, path: Path, limits: IntakeLimits) -> Contents:
        """Read the members of the zip; a link or a device in it is refused."""
        gathering = unzip(zip_bytes(path, limits), limits)
        return Contents(gathering.files, notices=tuple(gathering.left_out))


class SingleFileReader:
    """Reads one file of code, one notebook, or an ``answers.md``."""

    def takes(self, path: Path) -> bool:
        """Return whether ``path`` is a file that can be somebody's work; raises OSError."""
        return stat.S_ISREG(path.lstat().st_mode) and is_work(path)

    def read(self, path: Path, limits: IntakeLimits) -> Contents:
        """Read the file; its path in the submission is its name."""
        gathering = Gathering(limits)
        if name := gathering.place(path.name):
            with opened(path) as file:
                gathering.add(name, chunks(file))
        return Contents(gathering.files, notices=tuple(gathering.left_out))


READERS: tuple[Reader, ...] = (FolderReader(), ZipReader(), SingleFileReader())


def read_submission(path: Path, limits: IntakeLimits) -> Contents:
    """Read the submission at ``path`` with the first reader that takes it.

    Raises:
        IntakeRefused: it is a link, of a kind that no reader takes, or the reader refuses it.
        OSError: it cannot be read.
    """
    if stat.S_ISLNK(path.lstat().st_mode):
        raise IntakeRefused(f"“{shown(path.name)}” is a link. Give the folder or file that it points to.")
    for reader in READERS:
        if reader.takes(path):
            return reader.read(path, limits)
    raise IntakeRefused(f"“{shown(path.name)}” is no folder, .zip, .py or .ipynb. Hand in a .zip.")


def kind_is_read(path: Path) -> bool:
    """Return whether a reader takes the file at ``path``; raises OSError."""
    return any(reader.takes(path) for reader in READERS)


def is_work(path: Path) -> bool:
    """Return whether a file of this name can be somebody's work."""
    name = path.name.casefold()
    return name.endswith(_CODE) or name == "answers.md"


def zip_bytes(path: Path, limits: IntakeLimits) -> bytes:
    """Read a zip file into memory.

    Raises:
        IntakeRefused: it is larger than ``limits`` allow.
        OSError: it cannot be read.
    """
    with opened(path) as file, os.fdopen(file, "rb", closefd=False) as stream:
        archive = stream.read(limits.archive_bytes + 1)
    if len(archive) > limits.archive_bytes:
        raise IntakeRefused("The zip is too large. Leave out data sets, model weights and environments.")
    return archive


@dataclass
class FolderWalk:
    """Walks a folder through open descriptors, so that no part of a path can be swapped for a link meanwhile."""

    gathering: Gathering
    left_out: list[str] = field(default_factory=list)
    seen: int = 0

    def read(self, folder: int, prefix: str = "") -> None:
        """Read what is in the open ``folder``, whose path in the submission is ``prefix``."""
        for entry in sorted(self._entries(folder), key=lambda entry: entry.name):
            if is_litter(entry.name):
                continue
            status = entry.stat(follow_symlinks=False)
            slash = "/" if stat.S_ISDIR(status.st_mode) else ""
            path = self.gathering.place(f"{prefix}{entry.name}{slash}")
            if path and slash:
                with opened(entry.name, os.O_DIRECTORY, folder) as subfolder:
                    self.read(subfolder, f"{path}/")
            elif path and stat.S_ISREG(status.st_mode):
                with opened(entry.name, folder=folder) as file:
                    self.gathering.add(path, chunks(file), status.st_size)
            elif path:
                self.left_out.append(path)

    def _entries(self, folder: int) -> Iterator[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                self.seen += 1
                if self.seen > self.gathering.limits.members:
                    raise IntakeRefused("The folder holds too many files. Hand in only your own code.")
                yield entry
