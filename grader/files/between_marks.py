"""Write generated text between two marks in a Markdown file; what is around them stays."""

from __future__ import annotations

from pathlib import Path

from grader.errors import CourseError
from grader.files import whole_file

_BEGIN, _END = "<!-- BEGIN TABLE -->\n", "<!-- END TABLE -->"


def write(path: Path, table: str) -> None:
    """Replace what is between the marks by ``table``; raises CourseError if the marks are missing."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise CourseError(f"{path} has no lines {_BEGIN.strip()} and {_END} to write the table between")
    whole_file.write(path, (before + begin + table + end + after).encode())


def escaped(words: str) -> str:
    """Escape text, so that nothing in it is markup or ends the cell."""
    for mark in ("\\", "|", "*", "_", "`", "<", ">"):
        words = words.replace(mark, f"\\{mark}")
    return words
