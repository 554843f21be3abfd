"""What a notebook's code cells define: functions to write and given ones, imports, constants, computed variables."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from grader.conversion.names import assigned_names, imported_names, read_names
from grader.conversion.solutions import with_regions
from grader.conversion.worksheet import BEGIN, END, Code, Told, without_magics

_PLAIN_ROOTS = frozenset({"torch", "np", "numpy", "math"})  # a constant made with these needs no file and no network
_READ_FILES = frozenset({"load", "loadtxt", "genfromtxt", "fromfile", "open", "input", "hub"})
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Function(NamedTuple):
    """A function or class: its text, the names it reads, and whether students write it."""

    name: str
    text: str
    reads: frozenset[str]
    is_class: bool
    written: bool  # by students


@dataclass
class Definitions:
    """The names of a notebook. Of a name that is defined twice, the last definition counts."""

    functions: dict[str, Function] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)  # name → the statement that imports it
    constants: dict[str, str] = field(default_factory=dict)  # given ones
    computed: set[str] = field(default_factory=set)  # variables that students compute, or that need more than numbers
    told: list[Told] = field(default_factory=list)

    @property
    def entry_points(self) -> dict[str, Function]:
        """The functions that students write and a check may call."""
        return {name: one for name, one in self.functions.items() if one.written and not name.startswith("_")}


def definitions(cells: Iterable[Code]) -> Definitions:
    """Read the code cells of a notebook in order."""
    found = Definitions()
    for cell in cells:
        try:
            pieces = list(_pieces("\n".join(without_magics(cell.text.split("\n")))))
        except SyntaxError:
            found.told.append(Told(f"cell {cell.number}", note="it is not Python: look at it yourself"))
            continue
        for piece in pieces:
            _take(found, piece, whole=cell.whole)
    return found


class _Piece(NamedTuple):
    """A statement at the top of a cell with its lines; ``solved`` if it is inside a solution of its own."""

    node: ast.stmt
    text: str
    solved: bool


def _pieces(text: str) -> Iterator[_Piece]:
    lines, inside, solved = text.split("\n"), False, []
    for line in lines:
        inside = (inside or line == BEGIN) and line != END
        solved.append(inside)
    for node in ast.parse(text).body:
        begin = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))]) - 1
        end = node.end_lineno or node.lineno
        while _goes_on(lines, end):
            end += 1
        yield _Piece(node, "\n".join(lines[begin:end]), solved[begin])


def _goes_on(lines: list[str], end: int) -> bool:
    """Return whether the line after a statement is one of its own: an indented comment."""
    following = next((line for line in lines[end:] if line.strip()), "")
    return following.startswith((" ", "\t"))


def _take(found: Definitions, piece: _Piece, *, whole: bool) -> None:
    node = piece.node
    if isinstance(node, _DEFINITIONS):
        written = whole or piece.solved or BEGIN in piece.text
        text = with_regions(piece.text, whole=whole or piece.solved) if written else piece.text
        reads = frozenset(read_names(piece.text))
        found.functions[node.name] = Function(node.name, text, reads, isinstance(node, ast.ClassDef), written)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        found.imports |= dict.fromkeys(imported_names(node), ast.unparse(node))
    else:
        names = assigned_names(node)
        given = not (whole or piece.solved) and isinstance(node, ast.Assign | ast.AnnAssign) and _is_plain(node)
        for name in names:
            found.constants.pop(name, None)
            found.computed.discard(name)
        if given and len(names) == 1:
            found.constants[names.pop()] = piece.text.strip()
        else:
            found.computed |= names


def _is_plain(node: ast.stmt) -> bool:
    """Return whether a value is made of numbers, texts and calls of torch or numpy, without any file."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            *path, last = ast.unparse(inner.func).split(".")
            if last in _READ_FILES or "(" in last or (path and path[0] not in _PLAIN_ROOTS):
                return False
            if not path and last not in {"list", "range", "dict", "set", "tuple", "float", "int", "len", "sorted"}:
                return False
    return True
