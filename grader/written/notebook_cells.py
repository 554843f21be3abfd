"""Read the cells of a Jupyter notebook as JSON; nothing in it is run, and its outputs are ignored.

``nbformat`` would need a JSON-schema validator and Jupyter's own core to read two fields; here the types are the
schema. Notebooks of format 4 (since 2014) are read, older ones are not.
"""

from __future__ import annotations

import codecs
from typing import Literal

import msgspec


class UnreadableNotebook(ValueError):
    """These bytes are not a notebook of format 4."""


class NotebookCell(msgspec.Struct, frozen=True):
    """One cell; all else that it holds (outputs, metadata, attachments) is ignored."""

    cell_type: str  # markdown, code or raw
    source: str | list[str]

    @property
    def text(self) -> str:
        """The source as one string; Jupyter may store it as a list of lines."""
        return self.source if isinstance(self.source, str) else "".join(self.source)


class _Notebook(msgspec.Struct, frozen=True):
    nbformat: Literal[4]
    cells: list[NotebookCell]


def read_cells(content: bytes) -> list[NotebookCell]:
    """Return the cells of a notebook in order.

    Raises:
        UnreadableNotebook: ``content`` is anything else, however hostile. Nothing else is raised.
    """
    try:
        return msgspec.json.decode(content.removeprefix(codecs.BOM_UTF8), type=_Notebook).cells
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableNotebook(str(error)) from error
