"""Lay a student's written answer out for reading: as typed, never rendered, so that nothing in it becomes markup.

Two things make plain text hard to read on a page: lines that an editor wrapped at another width, and tables or code
set in a proportional font. Paragraphs are joined, and what has columns is told apart from prose.
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
    """What stands between two blank lines; ``in_columns`` asks for a font of one width."""

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
    """One line of a paragraph that was wrapped; any other keeps its lines."""
    wrapped = all(len(line) >= _SHORTEST_WRAP for line in lines[:-1])
    return ("\n" if not wrapped or any(map(_OWN_LINE.match, lines)) else " ").join(lines)
