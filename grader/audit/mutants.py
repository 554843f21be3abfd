"""Make the mutants of a reference: one small change each, in the code that students write.

Only code between BEGIN SOLUTION and END SOLUTION is mutated. A mutant's identity names the function, the operator and
the changed code with some code around it, but no line number. So it survives edits elsewhere in the file, and
``part.toml`` can say which mutants are equivalent to the reference, and why.
"""

from __future__ import annotations

import ast
import dataclasses
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from grader.audit.matrix_operators import AXES
from grader.audit.nodes import root_of
from grader.audit.operators import OPERATORS, SILENT
from grader.course.stubs import solution_lines

_MOST_AROUND = 60  # characters of code around the change, in an identity
_BESIDE = 25  # characters on each side of the change, if the whole statement is too long
_MOST_EXCERPT = 50  # characters of what is changed
_HOLE: Final = "__hole__"
_SCREEN: Final = {"print", "tqdm", "trange", "bar", "pbar"}
_UNSEEN: Final = {"annotation", "returns", "decorator_list", "type_comment", "msg"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One changed reference; ``before`` and ``after`` are the statement that differs, each in one line."""

    identity: str
    operator: str
    function: str
    line: int  # of the statement, in the reference
    before: str
    after: str  # empty when the statement is gone
    source: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A node and where its parent holds it; ``above`` are the nodes between it and its statement, outermost first."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    function: str
    statement: ast.stmt
    above: tuple[ast.AST, ...] = ()

    def put(self, node: ast.AST) -> None:
        """Put another node into the parent at this place."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants_of(source: str) -> tuple[Mutant, ...]:
    """Return every mutant of a reference, in the order of its lines.

    Raises:
        CourseError: the reference is not valid Python.
    """
    lines = {line for region in solution_lines(source) for line in region}
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    taken: Counter[str] = Counter()
    found = []
    for place in _places(tree, lines):
        for operator, replacements in OPERATORS.items():
            for replacement in replacements(place.node):
                mutant = _mutant(tree, place, operator, replacement)
                if mutant.source in seen:
                    continue  # two equal operands were swapped, or another operator makes the same change
                seen.add(mutant.source)
                taken[mutant.identity] += 1
                found.append(_numbered(mutant, taken[mutant.identity]))
    return tuple(sorted(found, key=lambda mutant: mutant.line))


def _mutant(tree: ast.Module, place: _Place, operator: str, replacement: ast.AST) -> Mutant:
    around, old, new = _around(place), _header(place.node), _header(replacement)
    if old == new:
        new += " … break"  # the header of a loop that ends early is unchanged
    before = _header(place.statement)
    place.put(replacement)
    try:
        source = ast.unparse(ast.fix_missing_locations(tree))
        after = new if place.node is place.statement else _header(place.statement)
    finally:
        place.put(place.node)
    change = f"[{_excerpt(old)} -> {_excerpt(new)}]"
    return Mutant(
        identity=f"{place.function}: {operator}: {around.replace(_HOLE, change)}",
        operator=operator,
        function=place.function,
        line=place.statement.lineno,
        before=before,
        after=after,
        source=source,
    )


def _numbered(mutant: Mutant, ordinal: int) -> Mutant:
    """Number the second and later mutants that read alike."""
    return mutant if ordinal == 1 else dataclasses.replace(mutant, identity=f"{mutant.identity} #{ordinal}")


def _places(tree: ast.Module, lines: set[int]) -> Iterator[_Place]:
    for statement in _statements(tree, lines, ""):
        yield statement
        if not isinstance(statement.node, ast.Raise):  # the message of an error is not part of the answer
            yield from _below(statement)


def _statements(node: ast.AST, lines: set[int], function: str) -> Iterator[_Place]:
    """Yield every statement of a solution with the name of its function."""
    if isinstance(node, _Function):
        if _draws(node.name):
            return
        function = f"{function}.{node.name}".lstrip(".")
    for field, index, child in _children(node):
        if isinstance(child, ast.stmt) and child.lineno in lines and not _is_words(child):
            yield _Place(node, field, index, child, function, child)
        if not isinstance(child, ast.expr):
            yield from _statements(child, lines, function)


def _below(place: _Place) -> Iterator[_Place]:
    """Yield every place inside a statement, without nested statements and code that cannot change a result."""
    for field, index, child in _children(place.node):
        silent = isinstance(child, ast.keyword) and (child.arg in SILENT or _is_screen(place.node))
        if silent or isinstance(child, ast.stmt | ast.JoinedStr):
            continue
        above = (*place.above, place.node)
        inner = _Place(place.node, field, index, child, place.function, place.statement, above)
        if not _is_screen(child):
            yield inner
        if not (isinstance(child, ast.keyword) and child.arg in AXES):
            yield from _below(inner)


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if field in _UNSEEN:
            continue
        if isinstance(value, ast.AST):
            yield field, None, value
        elif isinstance(value, list):
            yield from ((field, index, child) for index, child in enumerate(value) if isinstance(child, ast.AST))


def _is_words(statement: ast.stmt) -> bool:
    """Tell whether a statement is a docstring or only writes to the screen."""
    if not isinstance(statement, ast.Expr):
        return False
    return isinstance(statement.value, ast.Constant) or _is_screen(statement.value)


def _is_screen(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _draws(root_of(node))


def _draws(name: str) -> bool:
    """Tell whether a function of this name only writes to the screen."""
    return name in _SCREEN or "progress" in name


def _around(place: _Place) -> str:
    """Return the code around a place, with a hole for the place: its whole statement if that is short, else a part."""
    place.put(ast.Name(_HOLE))
    try:
        texts = [_header(node) for node in place.above]
    finally:
        place.put(place.node)
    short = next((text for text in texts if len(text) <= _MOST_AROUND), "")
    return short or (_window(texts[-1]) if texts else _HOLE)


def _window(text: str) -> str:
    """Return the text next to the hole in a long text."""
    before, _, after = text.partition(_HOLE)
    start = before if len(before) <= _BESIDE else f"…{before[-_BESIDE:]}"
    return start + _HOLE + (after if len(after) <= _BESIDE else f"{after[:_BESIDE]}…")


def _header(node: ast.AST) -> str:
    """Write a node in one line: of a compound statement only its header; nothing for ``pass``."""
    return "" if isinstance(node, ast.Pass) else ast.unparse(node).strip().partition("\n")[0]


def _excerpt(text: str) -> str:
    return (text if len(text) <= _MOST_EXCERPT else f"{text[: _MOST_EXCERPT - 1]}…") or "nothing"
