"""Read what a student handed in, a folder, a ``.zip`` or one file, into memory; a link is never followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.errors import IntakeRefused
from grader.intake.archive import CHUNK, Gathering, IntakeLimits, is_litter, safe_path, shown, unzip


def read(path: Path, mode: int, limits: IntakeLimits, left_out: list[str]) -> dict[str, bytes]:
    """Read the files at ``path``, by relative path; links and devices inside go to ``left_out``.

    Raises:
        IntakeRefused: it is too large, damaged, or of a kind that cannot be graded.
        OSError: it cannot be read.
    """
    gathering = Gathering(limits)
    if stat.S_ISLNK(mode):
        raise IntakeRefused(f"“{shown(path.name)}” is a link. Give the folder or file that it points to.")
    if stat.S_ISDIR(mode):
        with _opened(path, os.O_DIRECTORY) as folder:
            _FolderReader(gathering, left_out).read(folder)
    elif stat.S_ISREG(mode) and path.suffix.casefold() == ".zip":
        return unzip(zip_bytes(path, limits), limits)
    elif stat.S_ISREG(mode) and is_work(path):
        with _opened(path) as file:
            gathering.add(safe_path(path.name), _chunks(file))
    else:
        raise IntakeRefused(f"“{shown(path.name)}” is no folder, .zip, .py or .ipynb. Hand in a .zip.")
    return gathering.files


def zip_bytes(path: Path, limits: IntakeLimits) -> bytes:
    """Read a zip into memory; raises `IntakeRefused` when it is larger than the limit."""
    with _opened(path) as file, os.fdopen(file, "rb", closefd=False) as stream:
        archive = stream.read(limits.archive_bytes + 1)
    if len(archive) > limits.archive_bytes:
        raise IntakeRefused("The zip is too large. Leave out data sets, model weights and environments.")
    return archive


@dataclass
class _FolderReader:
    """Reads a folder through descriptors, so that no part of a path can be swapped for a link meanwhile."""

    gathering: Gathering
    left_out: list[str]
    seen: int = 0

    def read(self, folder: int, prefix: str = "") -> None:
        for entry in sorted(self._entries(folder), key=lambda entry: entry.name):
            path = prefix + entry.name
            if is_litter(entry.name):
                continue
            mode = entry.stat(follow_symlinks=False).st_mode
            self.gathering.check_path(safe_path(path))
            if stat.S_ISDIR(mode):
                with _opened(entry.name, os.O_DIRECTORY, folder) as subfolder:
                    self.read(subfolder, f"{path}/")
            elif stat.S_ISREG(mode):
                with _opened(entry.name, folder=folder) as file:
                    self.gathering.add(path, _chunks(file))
            else:
                self.left_out.append(path)

    def _entries(self, folder: int) -> Iterator[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                self.seen += 1
                if self.seen > self.gathering.limits.members:
                    raise IntakeRefused("The folder holds too many files. Hand in only your own code.")
                yield entry


@contextmanager
def _opened(path: str | Path, flags: int = 0, folder: int | None = None) -> Iterator[int]:
    # Not blocking: should a FIFO have taken the file's place, opening it must not wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _chunks(file: int) -> Iterator[bytes]:
    return iter(lambda: os.read(file, CHUNK), b"")


def is_work(path: Path) -> bool:
    """Return whether a file of this name can be somebody's work."""
    return path.suffix.casefold() in {".py", ".ipynb"} or path.name.casefold() == "answers.md"
