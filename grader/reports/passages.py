"""Lay out a student's written answer for reading: as typed, never rendered, so that nothing in it becomes markup.

Plain text is hard to read on a page if an editor wrapped its lines at another width, or if tables and code are set in
a proportional font. So the lines of a paragraph are joined, and text in columns gets a font of one width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_SHORTEST_WRAP = 60  # a line that ends before this was ended on purpose
_FENCE = re.compile(r" {0,3}(```|~~~)")
_IN_COLUMNS = re.compile(r"\t| {4}|\|")  # Markdown's indented code, and rows of a table
_OWN_LINE = re.compile(r"\s|[-+*>#]|\d+[.)]\s")  # items of a list, headings, quotes


class Passage(NamedTuple):
    """The text between two blank lines; ``in_columns`` asks for a font of one width."""

    text: str
    in_columns: bool


def passages(text: str) -> Iterator[Passage]:
    """Split an answer at its blank lines."""
    fenced = False
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.split("\n")
        fences = sum(bool(_FENCE.match(line)) for line in lines)
        in_columns = fenced or bool(fences) or any(_IN_COLUMNS.match(line) for line in lines)
        fenced ^= fences % 2 == 1
        yield Passage(block if in_columns else _joined(lines), in_columns)


def _joined(lines: list[str]) -> str:
    """Join the lines of a paragraph if an editor wrapped them; otherwise keep them."""
    wrapped = all(len(line) >= _SHORTEST_WRAP for line in lines[:-1])
    return ("\n" if not wrapped or any(map(_OWN_LINE.match, lines)) else " ").join(lines)
