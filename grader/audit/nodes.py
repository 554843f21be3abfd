"""Edit syntax trees, for the operators: no function here changes the node it is given."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

_MODULES: Final = {"torch", "torchvision", "nn", "F", "functional", "np", "numpy", "pd", "pandas", "math", "copy"}


def changed(node: ast.AST, **fields: Any) -> Any:
    """Return a copy of the node with other fields; it shares the nodes below."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def exchanged(nodes: Sequence[ast.expr], position: int) -> list[ast.expr]:
    """Return the nodes with the one at ``position`` and the next one swapped."""
    return [*nodes[:position], nodes[position + 1], nodes[position], *nodes[position + 2 :]]


def replaced(nodes: Sequence[ast.expr], position: int, other: ast.expr) -> list[ast.expr]:
    """Return the nodes with another one at ``position``."""
    return [*nodes[:position], other, *nodes[position + 1 :]]


def left_out(nodes: Sequence[Any], position: int) -> list[Any]:
    """Return the nodes without the one at ``position``."""
    return [*nodes[:position], *nodes[position + 1 :]]


def moved(node: ast.expr, sign: ast.operator) -> ast.expr:
    """Return the expression plus or minus one."""
    return ast.BinOp(node, sign, ast.Constant(1))


def negated(node: ast.expr) -> ast.expr:
    """Return ``not x``, or ``x`` for ``not x``."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    return ast.UnaryOp(ast.Not(), node)


def number(value: int) -> ast.expr:
    """Return a whole number as Python writes it."""
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def renamed(node: ast.AST, pairs: Iterable[tuple[str, str]]) -> Iterator[ast.AST]:
    """Replace a call of one of a pair by the other, and the name in a string too (``agg("mean")``)."""
    table = {one: other for pair in pairs for one, other in (pair, pair[::-1])}
    if isinstance(node, ast.Call) and name_of(node.func) in table:
        field = "id" if isinstance(node.func, ast.Name) else "attr"
        yield changed(node, func=changed(node.func, **{field: table[name_of(node.func)]}))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in table:
        yield ast.Constant(table[node.value])


def name_of(function: ast.expr) -> str:
    """Return the last name of what is called; empty for a call of a call."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def root_of(node: ast.AST) -> str:
    """Return the first name of a chain of attributes and calls; empty if the chain begins with something else."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def is_module(node: ast.expr) -> bool:
    """Tell whether a dotted name begins with a module that solutions import."""
    return root_of(node) in _MODULES and not any(isinstance(part, ast.Call) for part in ast.walk(node))


def is_literal(node: ast.expr) -> bool:
    """Tell whether a node is a number (with its sign), a string, a truth value or None."""
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def is_text(node: ast.expr) -> bool:
    """Tell whether a node is a string."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
