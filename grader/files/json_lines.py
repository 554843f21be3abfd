"""Append JSON lines to a file; lines written before an interruption stay readable after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

Line = TypeVar("Line")


class JsonLines(Generic[Line]):
    """The lines of one file, each a value of type ``line``.

    If a process or machine stops while it writes, the last line is torn: `read` leaves it out, and `append` starts a
    new line.
    """

    def __init__(self, path: Path, line: Any) -> None:
        """Open no file yet; ``line`` is the type of a line, or a union of types, for msgspec to decode."""
        self.path = path
        self._decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(line)

    def read(self) -> Iterator[Line]:
        """Yield the lines in order; none if there is no file.

        Leaves out lines of other types: torn ones, and those of another version.
        """
        if not self.path.is_file():
            return
        whole = self.path.read_bytes().split(b"\n")[:-1]  # the text after the last line break is torn
        for text in whole:
            try:
                yield self._decoder.decode(text)
            except msgspec.MsgspecError:
                continue

    def append(self, line: Line) -> None:
        """Add a line and return when it is on disk. Makes the file and its folder if there are none.

        Raises:
            OSError: The line could not be written whole; `read` leaves it out.
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
