"""Read the cells of a Jupyter notebook as JSON; nothing in it is run, and its outputs are ignored.

``nbformat`` would need a JSON-schema validator and Jupyter's own core to read a few fields; here the types are the
schema. Notebooks of format 4 (since 2014) and 3 are read, in UTF-8, UTF-16 or UTF-32.
"""

from __future__ import annotations

import codecs
import re

import msgspec

_MOST_ATTACHMENTS = 20  # names of one cell
_NEW, _OLD = 4, 3  # formats; the old one is that with worksheets, heading cells, and code in `input`
# A picture that an editor put into the text itself, as Colab does: megabytes that nobody can read.
_DATA_URL = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,40};base64,[A-Za-z0-9+/=]{100,}")
INLINE_PICTURE = "a picture"

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnreadableNotebook(ValueError):
    """These bytes are not a notebook of format 3 or 4."""


class NotebookCell(msgspec.Struct, frozen=True):
    """One cell; ``cell_type`` is markdown, code or raw, ``attachments`` are the names of pictures kept in the cell."""

    cell_type: str
    text: str
    attachments: tuple[str, ...] = ()


class _StoredCell(msgspec.Struct, frozen=True):
    """A cell as it is stored; all else that it holds (outputs, metadata) is ignored."""

    cell_type: str
    source: str | list[str] = ""
    input: str | list[str] = ""  # the source of a code cell in format 3
    level: msgspec.Raw = msgspec.Raw()
    attachments: msgspec.Raw = msgspec.Raw()


class _Worksheet(msgspec.Struct, frozen=True):
    cells: list[_StoredCell] = []


class _Notebook(msgspec.Struct, frozen=True):
    nbformat: int
    cells: list[_StoredCell] | None = None
    worksheets: list[_Worksheet] | None = None  # in format 3


def is_notebook(path: str, content: bytes) -> bool:
    """Return whether a file is a notebook: by its name, or by its content whatever its name is."""
    if path.casefold().endswith(".ipynb"):
        return True
    begins = content[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return begins.startswith(b"{") and b'"nbformat"' in content.replace(b"\0", b"")


def read_cells(content: bytes) -> list[NotebookCell]:
    """Return the cells of a notebook in order.

    Raises:
        UnreadableNotebook: ``content`` is anything else, however hostile. Nothing else is raised.
    """
    try:
        notebook = msgspec.json.decode(_utf8(content), type=_Notebook)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise UnreadableNotebook(str(error)) from error
    if notebook.nbformat == _OLD and notebook.worksheets is not None:
        return [_cell(cell) for worksheet in notebook.worksheets for cell in worksheet.cells]
    if notebook.nbformat != _NEW or notebook.cells is None:
        raise UnreadableNotebook("no notebook of format 3 or 4")
    return [_cell(cell) for cell in notebook.cells]


def _utf8(content: bytes) -> bytes:
    """Return JSON in UTF-8 without a mark; raises UnicodeError if it is in no encoding at all."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding).encode()
    if content[:2] in {b"{\0", b"\0{"}:  # UTF-16 without its mark
        return content.decode("utf-16-le" if content[1] == 0 else "utf-16-be").encode()
    return content.removeprefix(codecs.BOM_UTF8)


def _cell(stored: _StoredCell) -> NotebookCell:
    source = stored.source or stored.input
    text = source if isinstance(source, str) else "".join(source)
    kind = stored.cell_type
    if kind == "heading":
        level = bytes(stored.level).strip()
        kind, text = "markdown", f"{'#' * (int(level) if level in {b'2', b'3', b'4', b'5', b'6'} else 1)} {text}"
    text, pictures = _DATA_URL.subn(INLINE_PICTURE, text) if "base64," in text else (text, 0)
    return NotebookCell(kind, text, _names(stored.attachments) + (INLINE_PICTURE,) * min(pictures, 1))


def _names(attachments: msgspec.Raw) -> tuple[str, ...]:
    """Return the names of the attachments of a cell; whatever else is stored in their place has none."""
    if not bytes(attachments):
        return ()
    try:
        return tuple(msgspec.json.decode(attachments, type=dict[str, msgspec.Raw]))[:_MOST_ATTACHMENTS]
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ()
