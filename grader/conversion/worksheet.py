"""What a notebook of Otter or nbgrader holds, the same for both: code, tests, written questions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.conversion.notebook import Cell

# The only markers in a `Code`: each reader writes its format's own as these.
BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"

_HEADING = re.compile(r"\s*#+\s+(?P<words>.*\S)")
_BOLD = re.compile(r"\s*\*\*(?P<words>[^*]+)\*\*")


@dataclass(frozen=True, kw_only=True)
class Code:
    """A code cell that is no test; ``whole`` says that all of it is a solution."""

    number: int
    text: str
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Test:
    """One test: code that raises where an answer is wrong, or whose last line has the value ``value``.

    ``title`` is for students, ``failure`` what they read if it fails, ``after`` the name of a test that comes first.
    """

    name: str
    text: str
    points: float
    title: str = ""
    hidden: bool = False
    failure: str = ""
    value: str = ""
    printed: bool = False
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A question whose answer a person marks."""

    name: str
    text: str
    points: float
    model_answer: str = ""
    note: str = ""


@dataclass(frozen=True)
class Told:
    """A line of the table at the end: what it was, what it became ("" if nothing), and what is left to do."""

    what: str
    became: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Worksheet:
    """A notebook, taken apart; ``text`` is the Markdown that says what is to be written."""

    name: str
    title: str
    text: str = ""
    code: tuple[Code, ...] = ()
    tests: tuple[Test, ...] = ()
    written: tuple[Written, ...] = ()
    told: tuple[Told, ...] = ()


def identifier(words: str) -> str:
    """Return words as a name for parts, checks and questions: lower-case letters, digits and underscores."""
    name = re.sub(r"[^a-z0-9]+", "_", words.casefold()).strip("_")
    return name if name[:1].isalpha() else f"q{name}"


def title_of(cells: Iterable[Cell], name: str) -> str:
    """Return the heading that a notebook begins with; words made of its name if it has none."""
    for cell in cells:
        if cell.kind == "markdown" and (found := re.search(r"^#\s+(.*\S)", cell.text, re.MULTILINE)):
            return found[1].rstrip(".:")
    return name.replace("_", " ").capitalize()


def titled(text: str, otherwise: str) -> tuple[str, str]:
    """Return the title of a question and the rest of its text: its first heading, or bold words that begin it."""
    lines = text.strip().splitlines()
    for place, line in enumerate(lines):
        if heading := _HEADING.match(line):
            rest = [*lines[:place], *lines[place + 1 :]]
            return _plain_title(heading["words"]), "\n".join(rest).strip()
        if bold := _BOLD.match(line):
            return _plain_title(bold["words"]), text.strip()
    return otherwise, text.strip()


def _plain_title(words: str) -> str:
    """Return a title without its points, which are noted elsewhere."""
    return re.sub(r"\s*\(\d+([.,]\d+)? (points?|pts?|marks?)\)", "", words).strip().rstrip(".:")


def pointed(points: float) -> str:
    """Return points in words."""
    return f"{points:g} point{'' if points == 1 else 's'}"


def without_magics(lines: list[str]) -> Iterator[str]:
    """Yield the lines of a code cell without Jupyter's own commands (``%matplotlib``, ``!pip``)."""
    return (line for line in lines if not line.lstrip().startswith(("%", "!")))
