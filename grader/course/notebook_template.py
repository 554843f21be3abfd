"""Make the notebook in which students can do a whole assignment: the stubs of all parts, and the written questions.

A notebook has one namespace, so two parts that define the same name have no notebook together. The text is the same
for the same course, and like what Jupyter itself would write: cell ids are made from names, and nothing was run.
"""

from __future__ import annotations

import ast
import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from grader.course.catalog import Course, Part
from grader.course.stubs import stub_of
from grader.errors import CourseError

_ABOUT = """\
# {title}

Write your code in place of each line `raise NotImplementedError(...)`.{answers} Keep the names of the
functions{headings}: they say what your work belongs to. Add cells wherever you like.

Run the cells from top to bottom before you hand in, then hand in this file. It opens in Jupyter, in VS Code and in
Google Colab (*File > Upload notebook*, and at the end *File > Download > Download .ipynb*)."""
_ANSWERS = ' Write each answer in place of its line "Your answer here."'
_UTILITIES = "Keep {names} beside this notebook: its code imports {them}."
_LONGEST_ID = 64  # of a cell, in the notebook format

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class NoNotebook(CourseError):
    """The parts of an assignment do not fit into one notebook; the sentence says why."""


class Asked(NamedTuple):
    """A written question: its id, the part it is about (or ""), and its Markdown: heading, question, placeholder."""

    name: str
    part: str
    text: str


class _Cell(NamedTuple):
    """One cell; ``kind`` is Jupyter's: code or markdown."""

    id: str
    kind: str
    text: str


class _Statement(NamedTuple):
    """One top-level statement of a stub, and its lines with the comments and empty lines above it."""

    node: ast.stmt
    text: str

    @property
    def is_public(self) -> bool:
        """Whether it defines an entry point."""
        return isinstance(self.node, _DEFINITIONS) and not self.node.name.startswith("_")

    @property
    def is_future(self) -> bool:
        """Whether it is ``from __future__ import ...``, which Python allows only before all other code."""
        return isinstance(self.node, ast.ImportFrom) and self.node.module == "__future__"


def notebook_template(course: Course, assignment: str, questions: Sequence[tuple[str, str, str]] = ()) -> str:
    """Return the notebook of an assignment as JSON (nbformat 4.5); ``questions`` have the fields of `Asked`.

    Raises:
        NoNotebook: two parts define the same name, or one imports another as a module.
        CourseError: a reference is missing or gives no stub.
    """
    parts, asked = course.parts(assignment), [Asked(*question) for question in questions]
    stubs = {part.name: _stub(part) for part in parts}
    sections = {name: list(_statements(stub, set(stubs))) for name, stub in stubs.items()}
    _refuse_clashes(sections)
    cells = [_Cell("about", "markdown", _about(course.title_of(assignment), parts, asked))]
    future = dict.fromkeys(s.text.strip() for section in sections.values() for s in section if s.is_future)
    cells += [_Cell("future", "code", "\n".join(future))] if future else []
    for number, part in enumerate(parts, start=1):
        cells.append(_Cell(f"part-{part.name}", "markdown", _heading(number, part, stubs[part.name])))
        cells += _code(part.name, [s for s in sections[part.name] if not s.is_future])
        cells += [_question(question) for question in asked if question.part == part.name]
    cells += [_question(question) for question in asked if question.part not in sections]
    return _json(cells)


def _stub(part: Part) -> str:
    try:
        return stub_of(part.reference.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"{part.reference} is missing") from None


def _about(title: str, parts: Sequence[Part], asked: Sequence[Asked]) -> str:
    words = _ABOUT.format(
        title=title, answers=_ANSWERS if asked else "", headings=" and the headings of the questions" if asked else ""
    )
    if names := [f"`{name}`" for name in dict.fromkeys(name for part in parts for name in part.utilities)]:
        them = "it" if len(names) == 1 else "them"
        words += "\n\n" + _UTILITIES.format(names=" and ".join(names), them=them)
    return words


def _heading(number: int, part: Part, stub: str) -> str:
    # "Part 1: ..." is never taken for the heading of a question, whatever the part is called.
    words = ast.get_docstring(ast.parse(stub)) or ""
    return f"## Part {number}: {part.config.title} (`{part.name}`)\n\n{words}".rstrip()


def _question(question: Asked) -> _Cell:
    return _Cell(f"question-{question.name}", "markdown", question.text.strip())


def _statements(stub: str, parts: set[str]) -> Iterator[_Statement]:
    """Yield the statements of a stub, without its docstring and the imports of names that other parts define."""
    tree, lines, end = ast.parse(stub), stub.split("\n"), 0
    last = len(tree.body) - 1
    for place, node in enumerate(tree.body):
        begin, end = end, len(lines) if place == last else max(end, node.end_lineno or 0)
        is_docstring = place == 0 and ast.get_docstring(tree, clean=False) is not None
        if is_docstring or _is_in_the_notebook(node, parts):
            continue
        yield _Statement(node, "\n".join(lines[begin:end]))


def _is_in_the_notebook(node: ast.stmt, parts: set[str]) -> bool:
    """Return whether a statement only imports what a cell of the same notebook defines."""
    if isinstance(node, ast.ImportFrom) and node.level <= 1 and node.module in parts:
        if not any(name.asname or name.name == "*" for name in node.names):
            return True
    elif not (isinstance(node, ast.Import) and any(name.name in parts for name in node.names)):
        return False
    raise NoNotebook(f"`{ast.unparse(node)}` would find no such module; write `from PART import NAME`")


def _code(part: str, statements: Sequence[_Statement]) -> Iterator[_Cell]:
    """Yield a cell for each entry point, and for what stands between two of them: imports, constants, helpers."""
    for place, (public, group) in enumerate(itertools.groupby(statements, lambda s: s.is_public)):
        if not public:
            text = "\n".join(statement.text for statement in group)
            yield _Cell(f"setup-{part}-{place}", "code", text.strip("\n\f"))
            continue
        for statement in group:
            name = statement.node.name if isinstance(statement.node, _DEFINITIONS) else ""
            yield _Cell(f"code-{part}-{name}", "code", statement.text.strip("\n\f"))


def _refuse_clashes(sections: dict[str, list[_Statement]]) -> None:
    """Refuse names that two parts give different values; the same import, constant or helper twice does no harm."""
    known: dict[str, tuple[str, str]] = {}  # name → the part that defines it first, and how
    for part, statements in sections.items():
        for statement in statements:
            for name, how in _bound(statement):
                first, before = known.setdefault(name, (part, how))
                if first != part and (statement.is_public or how != before):
                    raise NoNotebook(f"{first} and {part} both define `{name}`; to get a notebook, rename one")


def _bound(statement: _Statement) -> Iterator[tuple[str, str]]:
    """Yield each name that a statement defines, with the code that defines it."""
    node = statement.node
    if isinstance(node, _DEFINITIONS):
        yield node.name, ast.dump(node)
        return
    module = f"{node.module} " if isinstance(node, ast.ImportFrom) else ""
    for inner in ast.walk(node):
        if isinstance(inner, ast.alias):
            yield inner.asname or inner.name.partition(".")[0], module + ast.dump(inner)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id, ast.dump(node)


def _json(cells: Sequence[_Cell]) -> str:
    """Return a notebook as Jupyter writes it: keys in order, one space of indent, a source as a list of lines."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": list(map(_stored, cells)), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _stored(cell: _Cell) -> dict[str, Any]:
    stored = {"cell_type": cell.kind, "id": _id(cell.id), "metadata": {}, "source": cell.text.splitlines(keepends=True)}
    return stored | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})


def _id(name: str) -> str:
    """Return a cell's id: its name, or a hash of a name that the format does not allow."""
    if len(name) <= _LONGEST_ID and re.fullmatch(r"[a-zA-Z0-9_-]+", name):
        return name
    return hashlib.sha256(name.encode()).hexdigest()[:_LONGEST_ID]
