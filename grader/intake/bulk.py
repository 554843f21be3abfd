"""Read one person's part of a folder or zip that holds the work of many, where it lies; nothing is unpacked to disk.

A bulk zip can be far larger than memory. Its table of contents is read once in a process, and then only the members
of one person.
"""

from __future__ import annotations

import functools
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from grader.errors import IntakeRefused
from grader.intake import zip_file
from grader.intake.archive import MIB, Gathering, IntakeLimits, add_member
from grader.intake.reader import Contents, chunks, opened
from grader.intake.readers import FolderWalk

_LARGEST_TABLE = 8 * MIB  # some 80,000 members
_LARGEST_LIST = 64 * MIB  # of what an LMS wrote: Gradescope's holds the results of every test


class Piece(NamedTuple):
    """A file or folder ``at`` this path in a folder or zip, and the path that it has in the submission.

    The path ``to`` is "" for a folder whose files stand at the top of the submission.
    """

    at: str
    to: str


@dataclass(frozen=True)
class TableOfContents:
    """The members of a zip by relative POSIX path, and the ``folders`` that it lists as such."""

    members: dict[str, zipfile.ZipInfo]
    folders: tuple[str, ...] = ()

    def below(self, at: str) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        """Yield the member ``at`` a path, as "", or those of the folder there by their path in it."""
        if at in self.members:
            yield "", self.members[at]
        for path, member in self.members.items():
            if path.startswith(f"{at}/"):
                yield path.removeprefix(f"{at}/"), member


def table_of_contents(path: Path) -> TableOfContents:
    """Return what a zip on disk lists, from its end alone.

    Raises:
        IntakeRefused: it is damaged, or lists far too much.
        OSError: it cannot be read.
    """
    status = path.stat()
    return _table(path.resolve(), status.st_mtime_ns, status.st_size)


def read_pieces(path: Path, pieces: Sequence[Piece], limits: IntakeLimits) -> Contents:
    """Read ``pieces`` of the folder or zip at ``path`` into memory, within ``limits``.

    Raises:
        IntakeRefused: they are too large, damaged, or have a name that cannot be accepted; says what to change.
        OSError: one of them cannot be read.
    """
    gathering = Gathering(limits)
    if path.is_dir():
        walk = FolderWalk(gathering)
        with opened(path, os.O_DIRECTORY) as folder:
            for piece in pieces:
                _read_from_folder(walk, folder, piece)
        return Contents(gathering.files, tuple(walk.left_out), tuple(gathering.left_out))
    table = table_of_contents(path)
    with opened(path) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as file:
        for piece in pieces:
            for below, member in table.below(piece.at):
                _read_member(gathering, file, member, "/".join(filter(None, (piece.to, below))))
    return Contents(gathering.files, notices=tuple(gathering.left_out))


def head(path: Path, inside: str, most: int) -> bytes:
    """Return the beginning of a file, or of the member ``inside`` a zip; empty if it cannot be read.

    For what an LMS wrote beside the submissions: who, and when.
    """
    try:
        if not inside:
            with opened(path) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(most)
        piece, limits = Piece(inside, "head"), IntakeLimits(file_bytes=_LARGEST_LIST, total_bytes=_LARGEST_LIST)
        return read_pieces(path, [piece], limits).files.get("head", b"")[:most]
    except (OSError, IntakeRefused):
        return b""


def _read_from_folder(walk: FolderWalk, folder: int, piece: Piece) -> None:
    with ExitStack() as stack:
        *folders, name = piece.at.split("/")
        for part in folders:
            folder = stack.enter_context(opened(part, os.O_DIRECTORY, folder))
        if os.path.isdir(f"/proc/self/fd/{folder}/{name}"):  # noqa: PTH112
            walk.read(stack.enter_context(opened(name, os.O_DIRECTORY, folder)), f"{piece.to}/" if piece.to else "")
        elif path := walk.gathering.place(piece.to):
            file = stack.enter_context(opened(name, folder=folder))
            walk.gathering.add(path, chunks(file), os.fstat(file).st_size)


def _read_member(gathering: Gathering, file: IO[bytes], entry: zipfile.ZipInfo, path: str) -> None:
    if not (path := gathering.place(path)):
        return
    file.seek(entry.header_offset)
    header = file.read(zip_file.LOCAL_HEADER.size)
    if len(header) < zip_file.LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        zip_file.refuse_as_damaged()
    *_, name_size, extra_size = zip_file.LOCAL_HEADER.unpack(header)
    file.seek(name_size + extra_size, os.SEEK_CUR)
    packed = file.read(min(entry.compress_size, gathering.limits.archive_bytes + 1))
    if len(packed) > gathering.limits.archive_bytes:
        raise IntakeRefused("The zip is too large. Leave out data sets, model weights and environments.")
    add_member(gathering, zip_file.member_of(entry, memoryview(packed)), path)


@functools.lru_cache(maxsize=4)
def _table(path: Path, _changed: int, _size: int) -> TableOfContents:
    members: dict[str, zipfile.ZipInfo] = {}
    folders: list[str] = []
    with opened(path) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as file:
        try:
            with zipfile.ZipFile(_Limited(file)) as listed:
                for member in listed.infolist():
                    name = zip_file.name_of_entry(member).replace("\\", "/")
                    clean = "/".join(part for part in name.split("/") if part not in {"", "."})
                    if name.endswith("/"):
                        folders.append(clean)
                    else:
                        members.setdefault(clean, member)
        except zip_file.BROKEN as error:
            zip_file.refuse_as_damaged(error)
    return TableOfContents(members, tuple(folders))


class _Limited:
    """A file from which nobody reads more at once than the largest table of contents: `zipfile` reads it whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.close, self.seekable = file.seek, file.tell, lambda: None, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _LARGEST_TABLE:
            raise IntakeRefused("The zip lists far too many files.")
        return self._file.read(size)
