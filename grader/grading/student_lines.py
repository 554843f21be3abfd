"""The lines of a student's files around the place where their code stopped.

The place is read from the traceback, which is the worker's word, so it counts only if it is in the submission. A file
is split into lines here, and a notebook into cells; neither is parsed as Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.records.record import StoppedAt
from grader.written.answer_files import decoded
from grader.written.notebook_cells import UnreadableNotebook, is_notebook, read_cells

_FRAME = re.compile(r'^  File "(.+?)(?:, cell (\d{1,5}))?", line (\d{1,7})(?:, in .*)?$', re.MULTILINE)
_BEFORE, _AFTER = 4, 3  # lines that are kept around the one where it stopped
_LONGEST = 200  # characters of a line


class StudentLines:
    """The lines of one submission's ``files``, read when first asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._lines: dict[tuple[str, int], list[str]] = {}

    def around(self, traceback: str) -> StoppedAt | None:
        """Return the lines around the innermost place of a traceback that is in these files; None if there is none."""
        for file, cell, number in reversed(_FRAME.findall(traceback)):
            lines, line = self._of(file, int(cell or 0)), int(number)
            if 1 <= line <= len(lines):
                first, last = max(1, line - _BEFORE), min(len(lines), line + _AFTER)
                while first < line and not lines[first - 1].strip():
                    first += 1
                while last > line and not lines[last - 1].strip():
                    last -= 1
                kept = tuple(map(_shortened, lines[first - 1 : last]))
                return StoppedAt(file=file, cell=int(cell or 0), line=line, first=first, lines=kept)
        return None

    def _of(self, file: str, cell: int) -> list[str]:
        if (file, cell) not in self._lines:
            text = _text(file, self._files[file], cell) if file in self._files else ""
            self._lines[file, cell] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text else []
        return self._lines[file, cell]


def _text(path: str, content: bytes, cell: int) -> str:
    """Return the text of a file, or of one of its cells; empty if there is none."""
    if not is_notebook(path, content):
        return "" if cell else decoded(content)
    try:
        cells = read_cells(content)
    except UnreadableNotebook:
        return ""
    return cells[cell - 1].text if 1 <= cell <= len(cells) else ""


def _shortened(line: str) -> str:
    """Cut a long line; half surrogate pairs, which no record can hold, are written out."""
    line = line.encode(errors="backslashreplace").decode()
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
