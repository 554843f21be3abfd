"""Find in a handout what students must not have: lines of solutions, mistakes and hidden checks.

A handout is made from a list of what may go in, so there should be none. But a visible check may itself work out the
right answer as the solution does: then its author must keep it back.
"""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from grader.course import stubs
from grader.course.catalog import Course, Part

_LONG_ENOUGH = 25  # characters: a shorter line, such as `return total`, stands anywhere by chance

_VALUES = (".csv", ".npy", ".json", ".safetensors")


class Leak(NamedTuple):
    """A line of ``source``, a file of the course, that stands in ``file`` of a handout."""

    file: str
    line: str
    source: Path


def leaks(files: Mapping[str, bytes], course: Course, kept: Iterable[str]) -> list[Leak]:
    """Return what stands in ``files`` and must not; ``kept`` are the texts of the checks that go out.

    Values are not looked at: which go out is settled by what the checks read.
    """
    code = {path: content for path, content in files.items() if not path.endswith(_VALUES)}
    shown = {path: "\n".join(_squeezed(_text(path, content))) for path, content in code.items()}
    given = "\n".join(_given(course))
    visible = "\n".join([given, *(line for text in kept for line in _squeezed(text))])
    found = []
    for source, line in dict.fromkeys(_secrets(course)):
        known = given if source.parent.parent.name == "reference" else visible
        if line not in known:
            found += [Leak(path, line, source) for path, text in shown.items() if line in text]
    return found


def _secrets(course: Course) -> Iterator[tuple[Path, str]]:
    """Yield every line of the course that may be secret, with its file: much of it may be known all the same."""
    for part in (part for parts in course.assignments.values() for part in parts):
        yield from ((part.reference, line) for line in _of_solution(part))
        yield from ((part.check_file, line) for line in _lines(part.check_file))
        for path in part.shared_checks:
            yield from ((path, line) for line in _lines(path))
        for path in (*part.mistakes, *part.variants, *sorted(part.fixture_folder.glob("*.py"))):
            yield from ((path, line) for line in _lines(path))


def _given(course: Course) -> Iterator[str]:
    """Yield the lines that students get anyway: of stubs, and of utilities beside the references."""
    for part in (part for parts in course.assignments.values() for part in parts):
        yield from _squeezed(stubs.stub_of(part.reference.read_text(encoding="utf-8")))
        for content in part.utilities.values():
            yield from _squeezed(content.decode())


def _of_solution(part: Part) -> Iterator[str]:
    text = part.reference.read_text(encoding="utf-8")
    inside = {number for lines in stubs.solution_lines(text) for number in lines}
    yield from (line for number, line in _telling(text) if number in inside)


def _lines(path: Path) -> Iterator[str]:
    if path.is_file():
        yield from (line for _, line in _telling(path.read_text(encoding="utf-8")))


@lru_cache(maxsize=1024)
def _telling(text: str) -> tuple[tuple[int, str], ...]:
    """Return number and content of each line, and of each comment, that is long enough; no imports, no block heads."""
    imports = {node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = {token.start[0]: token for token in tokens if token.type == tokenize.COMMENT}
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        comment = comments.get(number)
        pieces = (line[: comment.start[1]], comment.string) if comment else (line,)
        squeezed = (" ".join(piece.split()) for piece in pieces if number not in imports)
        found += [(number, piece) for piece in squeezed if len(piece) > _LONG_ENOUGH and not piece.endswith(":")]
    return tuple(found)


def _squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def _text(path: str, content: bytes) -> str:
    """Return a file as text; a notebook with its cells and outputs as they are read, not as JSON escapes them."""
    text = content.decode(errors="replace")
    return "\n".join(_texts_in(json.loads(text))) if path.endswith(".ipynb") else text


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner)
