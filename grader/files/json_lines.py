"""A file of JSON lines that is only added to: what was written before an interruption is still there after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

Line = TypeVar("Line")


class JsonLines(Generic[Line]):
    """The lines of one file, each of them a value of type ``line``.

    A process or a machine that stops while it writes leaves a torn last line. Such a line does not count, and the next
    one added starts a new line.
    """

    def __init__(self, path: Path, line: Any) -> None:
        """``line`` is the type of a line, or a union of types, for msgspec to decode."""
        self.path = path
        self._decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(line)

    def read(self) -> Iterator[Line]:
        """Yield the lines in order, none if there is no file.

        Leaves out what is not a line of this type: one that was torn, or one that another version wrote.
        """
        if not self.path.is_file():
            return
        whole = self.path.read_bytes().split(b"\n")[:-1]  # what comes after the last line break was torn
        for text in whole:
            try:
                yield self._decoder.decode(text)
            except msgspec.MsgspecError:
                continue

    def append(self, line: Line) -> None:
        """Add a line, on disk before this returns; make the file and its folder where there are none.

        Raises:
            OSError: It could not be written whole; it does not count then.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            start = b"\n" if _is_torn(self.path) else b""
            file.write(start + msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _is_torn(path: Path) -> bool:
    """Return whether the file ends in the middle of a line."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
