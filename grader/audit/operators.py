"""The classical operators: each returns the wrong replacements of one syntax node.

They change operands, constants, bounds, comparisons and statements; a table lists them with the matrix operators. An
operator never changes the node it is given. Code that affects only speed, messages or the screen is not mutated.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Final

from grader.audit import matrix_operators
from grader.audit.nodes import (
    changed,
    exchanged,
    is_literal,
    is_module,
    is_text,
    left_out,
    moved,
    name_of,
    negated,
    number,
    replaced,
)

Operator = Callable[[ast.AST], Iterator[ast.AST]]

# Arguments that have no effect on an answer: the device, zip's strict, printing, the style of a plot.
SILENT: Final = {
    *("device", "strict", "copy", "non_blocking", "total", "desc", "leave", "disable"),
    *("figsize", "dpi", "bbox_inches", "color", "linewidth", "fontsize"),
}

_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_NEGATED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_BOUNDARY: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_ORDERED: Final = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)  # a . b is not b . a
_ORDERED_METHODS: Final = {"matmul", "mm", "bmm", "sub", "div", "subtract", "divide", "true_divide", "pow"}
_SYMMETRIC: Final = {
    *("min", "max", "minimum", "maximum", "dot", "inner", "mul", "add", "equal", "isclose", "allclose"),
    *("isinstance", "getattr", "setattr", "hasattr"),  # not symmetric, but nobody confuses these
}
_LEAVING: Final = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_STAYING: Final = (ast.Pass, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def swapped_operands(node: ast.AST) -> Iterator[ast.AST]:
    """``a - b`` becomes ``b - a``; ``a.matmul(b)`` becomes ``b.matmul(a)``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, _ORDERED):
        yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
        method = node.func
        if method.attr in _ORDERED_METHODS and not is_module(method.value):
            yield changed(node, func=ast.Attribute(node.args[0], method.attr, ast.Load()), args=[method.value])


def arithmetic(node: ast.AST) -> Iterator[ast.AST]:
    """``a + b`` becomes ``a - b``, ``a @ b`` becomes ``a * b``, ``-a`` becomes ``a``."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _ARITHMETIC:
        yield changed(node, op=_ARITHMETIC[type(node.op)]())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand


def operand_left_out(node: ast.AST) -> Iterator[ast.AST]:
    """``a + b`` becomes ``a``, and ``b``."""
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield from (node.left, node.right)


def accumulation(node: ast.AST) -> Iterator[ast.AST]:
    """``a += b`` becomes ``a = b``."""
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value, lineno=node.lineno)


def shifted_bound(node: ast.AST) -> Iterator[ast.AST]:
    """Move a bound of a range or slice by one; ``x[:k]`` becomes ``x[k:]``. ``constant`` changes literals."""
    if isinstance(node, ast.Call) and name_of(node.func) in ("range", "trange"):
        for position, bound in enumerate(node.args):
            for sign in () if is_literal(bound) else (ast.Add(), ast.Sub()):
                yield changed(node, args=replaced(node.args, position, moved(bound, sign)))
    if isinstance(node, ast.Slice):
        bounds = {side: bound for side in ("lower", "upper") if (bound := getattr(node, side)) is not None}
        for side, bound in bounds.items():
            for sign in () if is_literal(bound) else (ast.Add(), ast.Sub()):
                yield changed(node, **{side: moved(bound, sign)})
        if len(bounds) == 1:
            yield changed(node, lower=node.upper, upper=node.lower)


def shifted_index(node: ast.AST) -> Iterator[ast.AST]:
    """``x[i]`` becomes ``x[i - 1]``, as when counting from 1."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name):
        yield changed(node, slice=moved(node.slice, ast.Sub()))
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        indices = node.slice
        for position, index in enumerate(indices.elts):
            if isinstance(index, ast.Name):
                elements = replaced(indices.elts, position, moved(index, ast.Sub()))
                yield changed(node, slice=changed(indices, elts=elements))


def constant(node: ast.AST) -> Iterator[ast.AST]:
    """A whole number is one more or one less, another number doubled, a truth value negated."""
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield from (number(node.value + 1), number(node.value - 1))
    elif isinstance(node.value, float):
        yield ast.Constant(node.value * 2 if node.value else 1.0)


def comparison(node: ast.AST) -> Iterator[ast.AST]:
    """``a < b`` becomes ``a >= b``, and ``a <= b``."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for table in (_NEGATED, _BOUNDARY):
            if type(node.ops[0]) in table:
                yield changed(node, ops=[table[type(node.ops[0])]()])


def condition(node: ast.AST) -> Iterator[ast.AST]:
    """Negate a condition that is not a comparison; swap ``and`` and ``or``; leave out a filter."""
    if isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, ast.Compare):
        yield changed(node, test=negated(node.test))
    if isinstance(node, ast.BoolOp):
        yield changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield node.operand
    if isinstance(node, ast.comprehension):
        for position in range(len(node.ifs)):
            yield changed(node, ifs=left_out(node.ifs, position))


def swapped_arguments(node: ast.AST) -> Iterator[ast.AST]:
    """Swap two neighbouring arguments."""
    if isinstance(node, ast.Call) and name_of(node.func) not in _SYMMETRIC:
        for position, pair in enumerate(zip(node.args, node.args[1:], strict=False)):
            if not any(isinstance(one, ast.Starred) or is_text(one) for one in pair):
                yield changed(node, args=exchanged(node.args, position))


def argument_left_out(node: ast.AST) -> Iterator[ast.AST]:
    """Leave out a named argument, so that its default holds; truth values are negated instead."""
    if isinstance(node, ast.Call):
        for position, argument in enumerate(node.keywords):
            flag = isinstance(argument.value, ast.Constant) and isinstance(argument.value.value, bool)
            if argument.arg is not None and argument.arg not in SILENT and not flag:
                yield changed(node, keywords=left_out(node.keywords, position))


def dropped_statement(node: ast.AST) -> Iterator[ast.AST]:
    """Leave out a statement, except definitions and imports."""
    if isinstance(node, ast.stmt) and not isinstance(node, _STAYING):
        yield ast.Pass()


def loop(node: ast.AST) -> Iterator[ast.AST]:
    """End a loop after its first round; replace ``continue`` by ``break``."""
    if isinstance(node, ast.For | ast.While) and not isinstance(node.body[-1], _LEAVING):
        yield changed(node, body=[*node.body, ast.Break()])
    if isinstance(node, ast.Break | ast.Continue):
        yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()


OPERATORS: Final[dict[str, Operator]] = {
    "operands swapped": swapped_operands,
    "other operator": arithmetic,
    "operand left out": operand_left_out,
    "no accumulation": accumulation,
    "bound shifted": shifted_bound,
    "index shifted": shifted_index,
    "other axis": matrix_operators.axis,
    "other constant": constant,
    "other comparison": comparison,
    "other condition": condition,
    "no transpose": matrix_operators.transpose,
    "other reduction": matrix_operators.reduction,
    "opposite": matrix_operators.opposite,
    "arguments swapped": swapped_arguments,
    "order swapped": matrix_operators.swapped_order,
    "argument left out": argument_left_out,
    "call left out": matrix_operators.call_left_out,
    "statement dropped": dropped_statement,
    "loop cut short": loop,
}
