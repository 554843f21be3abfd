"""What every reader of a submission offers, and how readers open files without following a link."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.intake.archive import IntakeLimits
from grader.intake.zip_file import CHUNK


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of one submission by relative POSIX path, and the paths ``left_out`` because they are no files.

    ``notices`` are sentences for the student about files that were left out for another reason, or renamed.
    """

    files: dict[str, bytes]
    left_out: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


class Reader(Protocol):
    """Reads one kind of submission: a folder, a zip, a single file."""

    def takes(self, path: Path) -> bool:
        """Return whether this reader reads what is at ``path``, which is there and is not a link.

        Raises:
            OSError: it cannot be looked at.
        """
        ...

    def read(self, path: Path, limits: IntakeLimits) -> Contents:
        """Read the submission at ``path`` into memory, within ``limits``.

        Links and devices inside are not followed: they are refused, or listed in ``left_out``. Litter that tools leave
        behind (``.git``, ``__MACOSX``) is dropped. Every other file is read, or is left out with a notice, or the
        submission is refused.

        Raises:
            IntakeRefused: it is too large, damaged, or holds a name that cannot be accepted; says what to change.
            OSError: a file in it cannot be read.
        """
        ...


@contextmanager
def opened(path: str | Path, flags: int = 0, folder: int | None = None) -> Iterator[int]:
    """Open ``path`` for reading, relative to the descriptor ``folder`` if given; raises OSError for a link."""
    # Without blocking: if a FIFO has taken the file's place meanwhile, opening it must not wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def chunks(file: int) -> Iterator[bytes]:
    """Read a descriptor to its end, piece by piece; raises OSError."""
    return iter(lambda: os.read(file, CHUNK), b"")
