"""Read the code of a Jupyter notebook: formats 3 and 4, of which nothing but the code cells' text is used.

`nbformat` would validate the whole file against a schema and so refuse notebooks that every Jupyter opens (and takes
0.1 s to import); what is read here is two fields of a cell.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .decoding import Unreadable, cleaned, decoded

_MOST_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell: its number, counting all cells of the notebook from 1, and its text as it was typed."""

    number: int
    text: str


def looks_like_notebook(path: str, content: bytes) -> bool:
    """Return whether a file is a notebook: by its content, whatever it is called, or by its name."""
    if path.casefold().endswith(".ipynb"):
        return True
    start = content[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    # With the zeros of UTF-16 left out, so that these words are found in it, too.
    return start.startswith(b"{") and all(word in content.replace(b"\0", b"") for word in (b'"nbformat"', b"cell"))


def code_cells(path: str, content: bytes) -> tuple[list[Cell], tuple[str, ...]]:
    """Return the code cells of a notebook in order, and notices for the student.

    Raises:
        Unreadable: it is no notebook, or a broken one, or one in another language.
    """
    text, notices = decoded(path, content)
    if not text.strip():
        raise Unreadable(f"{path} is empty.")
    notebook = _json(path, text)
    if language := _other_language(notebook):
        raise Unreadable(f"{path} is a notebook in {language}, not in Python.")
    cells = list(_cells(notebook))
    if len(cells) > _MOST_CELLS:
        raise Unreadable(f"{path} has more than {_MOST_CELLS} code cells, which is too many to read.")
    return cells, notices


def _json(path: str, text: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except (RecursionError, MemoryError):
        raise Unreadable(f"{path} cannot be read: it is too large, or too deeply nested.") from None
    except ValueError as error:
        raise Unreadable(f"{path} is a damaged notebook: {_damage(text, error)}") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells", notebook.get("worksheets")), list):
        raise Unreadable(f"{path} is no notebook: it has no cells. Open it in Jupyter, save it and hand it in again.")
    return notebook


def _damage(text: str, error: ValueError) -> str:
    if "<<<<<<< " in text and ">>>>>>> " in text:
        return "it holds the marks of a git merge (<<<<<<<). Choose one of the two versions and save it again."
    cut = isinstance(error, json.JSONDecodeError) and error.pos >= len(text.rstrip()) - 1
    if cut or "Unterminated string" in str(error):
        return "its end is missing, so it was not saved or uploaded whole. Hand it in again."
    line = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
    return f"it is not valid JSON{line}. Open it in Jupyter, save it and hand it in again."


def _other_language(notebook: dict[str, Any]) -> str:
    metadata = _table(notebook.get("metadata"))
    named = _table(metadata.get("language_info")).get("name") or _table(metadata.get("kernelspec")).get("language")
    # xeus-python and the like call themselves something with python in it
    return named[:40] if isinstance(named, str) and "python" not in named.casefold() else ""


def _cells(notebook: dict[str, Any]) -> Iterator[Cell]:
    """Yield the code cells; format 3 keeps the cells in worksheets, and the text under ``input``."""
    lists = [notebook["cells"]] if "cells" in notebook else [_table(s).get("cells") for s in notebook["worksheets"]]
    cells = [cell for one in lists if isinstance(one, list) for cell in one]
    for number, cell in enumerate(map(_table, cells), start=1):
        if cell.get("cell_type") == "code":
            yield Cell(number, cleaned(_text(cell.get("source", cell.get("input")))))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """Return the text of a cell; Jupyter may store it as a list of lines."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""
