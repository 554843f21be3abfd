"""Read a Jupyter notebook as the JSON it is: nothing in it is run, its outputs are not looked at.

``nbformat`` would bring a JSON-schema validator and Jupyter's own core to read two fields; here the types are the
schema. Notebooks of format 4 (since 2014) are read, older ones are not.
"""

from __future__ import annotations

import codecs
from typing import Literal

import msgspec


class UnreadableNotebook(ValueError):
    """These bytes are no notebook of format 4."""


class NotebookCell(msgspec.Struct, frozen=True):
    """One cell; whatever else it holds (outputs, metadata, attachments) is passed over."""

    cell_type: str  # markdown, code or raw
    source: str | list[str]

    @property
    def text(self) -> str:
        """The source as one string, however Jupyter stored it."""
        return self.source if isinstance(self.source, str) else "".join(self.source)


class _Notebook(msgspec.Struct, frozen=True):
    nbformat: Literal[4]
    cells: list[NotebookCell]


def read_cells(content: bytes) -> list[NotebookCell]:
    """Return the cells of a notebook in order; raises `UnreadableNotebook` for anything else, however hostile."""
    try:
        return msgspec.json.decode(content.removeprefix(codecs.BOM_UTF8), type=_Notebook).cells
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableNotebook(str(error)) from error
