"""Choose the files of a submission that may hold answers, and read them as text, within limits.

The order is that of trust: answers.md, files with similar names, notebooks, then any other text, in which an answer
must be below a heading with the question's id. Documents that cannot be read here (Word, PDF, pictures) are named.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grader.intake.archive import shown
from grader.written.html_text import text_of
from grader.written.notebook_cells import NotebookCell, UnreadableNotebook, is_notebook, read_cells

LONGEST_TEXT = 100_000  # characters read in all; they take a second or two, even if made to be slow
_PER_CELL = 50  # starting the parser costs as much time as so many characters
_MOST_FILES = 20
_MOST_CELLS = 10_000  # of one notebook
_MOST_DOCUMENTS = 5

# In a file's name: "answers", also in other languages, and what Moodle and Canvas call text typed into their pages.
_ANSWERS = re.compile(
    r"answer|antwort|respuesta|r[ée]ponse|rispost|written[ _-]*(part|question|work)|onlinetext|^text(?=\.html?$)"
)
_ONLY_ANSWERS = re.compile(r"((my|written)[ _-]*)?(answers?|antwort(en)?)")  # answer_queries.py may be code
_MARKDOWN = {".md", ".markdown", ".txt", ".rst", ".text"}
_PAGES = {".html", ".htm"}
_TEXTS = _MARKDOWN | _PAGES | {".tex", ""}  # read if the name speaks of answers
_CODE_AND_DATA = {".py", ".pyc", ".json", ".csv", ".tsv", ".npy", ".npz", ".pt", ".pth", ".pkl", ".safetensors"}
_DOCUMENTS = {".docx", ".doc", ".odt", ".rtf", ".pdf", ".pages", ".tex", ".html", ".htm"}
# What a file that is not text begins with, whatever it is called: RTF, zip (as in .docx), PDF, the old .doc.
_NO_TEXT = (b"{\\rtf", b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Source:
    """One file that may hold answers; each of its ``cells`` (or the whole file as one) is parsed by itself.

    ``by_id_only``: only a heading with a question's id counts, since the file is about other things.
    """

    path: str
    cells: tuple[NotebookCell, ...]
    is_notebook: bool = False
    by_id_only: bool = False


@dataclass(slots=True)
class Reading:
    """State of reading: sentences for the student, and how many characters may still be read (-1: some were cut)."""

    notices: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)  # notebooks
    room: int = LONGEST_TEXT


def sources(files: Mapping[str, bytes], ids: Iterable[str], reading: Reading) -> Iterator[Source]:
    """Yield the files that may hold answers, as said above; among equals the least nested first."""
    known = [name.encode() for name in ids]
    ranked = sorted((rank, path.count("/"), path) for path in files if (rank := _rank(path, files[path])) is not None)
    for rank, _, path in ranked[:_MOST_FILES]:
        content = files[path]
        if rank == _NOTEBOOK:
            if (cells := _cells(path, content, reading)) is not None:
                yield Source(path, _within(reading, path, cells), is_notebook=True)
        elif rank != _OTHER or any(name in content.lower().replace(b"\0", b"") for name in known):
            text = decoded(content)
            text = text_of(text[:LONGEST_TEXT]) if PurePosixPath(path.casefold()).suffix in _PAGES else text
            yield Source(path, _within(reading, path, [NotebookCell("markdown", text)]), by_id_only=rank == _OTHER)


_ANSWERS_MD, _SIMILAR, _NOTEBOOK, _OTHER = range(4)


def _rank(path: str, content: bytes) -> int | None:
    """Return how likely it is that a file holds answers: the lower, the likelier; None if it is no text."""
    name = PurePosixPath(path.casefold())
    if is_notebook(path, content):
        return _NOTEBOOK
    if not is_text(content):
        return None
    if name.name == "answers.md":
        return _ANSWERS_MD
    if name.suffix in _TEXTS and _ANSWERS.search(name.name):
        return _SIMILAR
    if name.suffix == ".py" and _ONLY_ANSWERS.fullmatch(name.stem):
        return _SIMILAR
    return _OTHER if name.suffix in _MARKDOWN | _PAGES else None


def documents(files: Mapping[str, bytes], *, all_answered: bool) -> list[str]:
    """Return the files that may hold answers but cannot be read; only those named so if no answer is missing."""
    found = []
    for path in sorted(files):
        suffix = PurePosixPath(path.casefold()).suffix
        read = is_notebook(path, files[path]) or (is_text(files[path]) and suffix in _TEXTS)
        if not read and (is_named_as_answers(path) or (suffix in _DOCUMENTS and not all_answered)):
            found.append(path)
    return found[:_MOST_DOCUMENTS]


def is_named_as_answers(path: str) -> bool:
    """Return whether a file's name says that it holds answers."""
    name = PurePosixPath(path.casefold())
    return bool(_ANSWERS.search(name.name)) and name.suffix not in _CODE_AND_DATA


def _cells(path: str, content: bytes, reading: Reading) -> list[NotebookCell] | None:
    try:
        return [_as_written(cell) for cell in read_cells(content)[:_MOST_CELLS]]
    except UnreadableNotebook:
        again = "Save it again in Jupyter, or hand in answers.md."
        reading.notices.append(f"{shown(path)} cannot be read as a notebook, so no answer was found there. {again}")
        reading.unreadable.append(path)
        return None


def _as_written(cell: NotebookCell) -> NotebookCell:
    """Return a code cell that begins with ``%%markdown`` or the like as the Markdown cell that it stands for."""
    first, _, others = cell.text.partition("\n")
    is_markdown = cell.cell_type == "code" and first.strip() in {"%%markdown", "%%html", "%%latex"}
    return NotebookCell("markdown", others, cell.attachments) if is_markdown else cell


def _within(reading: Reading, path: str, cells: Sequence[NotebookCell]) -> tuple[NotebookCell, ...]:
    """Return as many of the cells as may still be read; add one notice when some are cut. Code is not parsed: free."""
    kept = []
    for cell in cells:
        if cell.cell_type == "code":
            kept.append(cell)
            continue
        if len(cell.text) > reading.room >= 0:
            reading.notices.append(f"{shown(path)} is too long: not all of it was read for answers. Keep them short.")
            kept.append(NotebookCell(cell.cell_type, cell.text[: reading.room], cell.attachments))
            reading.room = -1
        if reading.room < 0:
            break
        kept.append(cell)
        reading.room = max(0, reading.room - len(cell.text) - _PER_CELL)
    return tuple(kept)


def is_text(content: bytes) -> bool:
    """Return whether a file is text in some encoding, whatever its name says."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    return not content.startswith(_NO_TEXT) and b"\0" not in content[:4096]


def decoded(content: bytes) -> str:
    """Decode text as editors save it: UTF-8, UTF-16 with its mark (Windows' "Unicode"), or else Windows' Latin."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
