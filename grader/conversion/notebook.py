"""Read an instructor's notebook: format 4, with what Otter and nbgrader need of it. Nothing in it is run."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import UsageError


class Output(msgspec.Struct, frozen=True):
    """What a cell wrote: printed (``text``), or the value of its last line (``data``)."""

    output_type: str = ""
    text: str | list[str] = ""
    data: dict[str, Any] = {}


class _Stored(msgspec.Struct, frozen=True):
    cell_type: str
    source: str | list[str] = ""
    metadata: dict[str, Any] = {}
    outputs: list[Output] = []


class _Notebook(msgspec.Struct, frozen=True):
    nbformat: int
    cells: list[_Stored] = []


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell: its number from 1, its kind (code, markdown, raw), its text, and what nbgrader notes about it."""

    number: int
    kind: str
    text: str
    nbgrader: dict[str, Any] = {}
    printed: bool = False
    value: str = ""  # of the last line, as Python shows it

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.split("\n")


def read_notebook(path: Path) -> list[Cell]:
    """Return the cells of a notebook; raises UsageError for a file that is none."""
    try:
        stored = msgspec.json.decode(path.read_bytes().removeprefix(codecs.BOM_UTF8), type=_Notebook)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise UsageError(f"{path} is no notebook that can be read: {error}") from None
    if stored.nbformat != 4:
        raise UsageError(f"{path} has format {stored.nbformat} of notebooks: open it in Jupyter and save it again")
    return [_cell(number, cell) for number, cell in enumerate(stored.cells, start=1)]


def _cell(number: int, stored: _Stored) -> Cell:
    values = [_text(output.data.get("text/plain", "")) for output in stored.outputs if output.data]
    noted = stored.metadata.get("nbgrader")
    return Cell(
        number=number,
        kind=stored.cell_type,
        text=_text(stored.source),
        nbgrader=noted if isinstance(noted, dict) else {},
        printed=any(output.output_type == "stream" for output in stored.outputs),
        value=values[-1] if values else "",
    )


def _text(source: Any) -> str:
    """Return a text that Jupyter may store as a list of lines."""
    return source if isinstance(source, str) else "".join(map(str, source))
