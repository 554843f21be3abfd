"""Operators for matrix code: leave out a transpose, change a reduction or an axis, swap indices.

No mutation library has these. Each is a function from a syntax node to its replacements, as in ``operators``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from grader.audit.nodes import changed, exchanged, is_module, name_of, number, renamed

AXES: Final = {"dim", "axis"}

_REDUCTIONS: Final = (
    *(("sum", "mean"), ("nansum", "nanmean"), ("min", "max"), ("amin", "amax"), ("argmin", "argmax")),
    *(("any", "all"), ("cumsum", "cumprod"), ("std", "var"), ("nsmallest", "nlargest"), ("idxmin", "idxmax")),
)
_OPPOSITES: Final = (
    *(("zeros", "ones"), ("zeros_like", "ones_like"), ("train", "eval"), ("head", "tail"), ("first", "last")),
    *(("floor", "ceil"), ("lower", "upper"), ("triu", "tril"), ("startswith", "endswith")),
)
_TURNED_ROUND: Final = {  # arguments that reverse the order of a result when they are added
    "topk": ("largest", False),
    "sort": ("descending", True),
    "argsort": ("descending", True),
    "sort_values": ("ascending", False),
    "sorted": ("reverse", True),
}
_TRANSPOSES: Final = {"T", "mT", "H", "mH"}
_TRANSPOSING: Final = {"t", "transpose", "permute", "swapaxes", "movedim"}
_FORGOTTEN: Final = {  # in f(x) and x.f(), a student may forget f and write x
    *("abs", "sqrt", "rsqrt", "exp", "log", "square", "round", "floor", "ceil", "clamp", "clip", "int", "float"),
    *("sorted", "reversed", "flip", "softmax", "log_softmax", "sigmoid", "relu", "tanh", "normalize", "clone", "copy"),
    *("sort_values", "sort_index", "unique", "dropna", "drop_duplicates", "fillna", "reset_index", "astype", "double"),
    *("cumsum", "squeeze", "unsqueeze", "diag", "deepcopy", "triu", "tril"),
}


def transpose(node: ast.AST) -> Iterator[ast.AST]:
    """``x.T`` and ``x.transpose(0, 1)`` become ``x``."""
    if isinstance(node, ast.Attribute) and node.attr in _TRANSPOSES and isinstance(node.ctx, ast.Load):
        yield node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _TRANSPOSING:
        yield node.args[0] if is_module(node.func.value) and node.args else node.func.value


def reduction(node: ast.AST) -> Iterator[ast.AST]:
    """``sum`` for ``mean``, ``min`` for ``max``, ``any`` for ``all``."""
    yield from renamed(node, _REDUCTIONS)


def opposite(node: ast.AST) -> Iterator[ast.AST]:
    """Replace a call by its opposite: ``zeros`` for ``ones``, ``train`` for ``eval``, the other order of sorting."""
    yield from renamed(node, _OPPOSITES)
    if isinstance(node, ast.Call) and (turned := _TURNED_ROUND.get(name_of(node.func))):
        word, value = turned
        if all(argument.arg != word for argument in node.keywords):
            yield changed(node, keywords=[*node.keywords, ast.keyword(word, ast.Constant(value))])


def axis(node: ast.AST) -> Iterator[ast.AST]:
    """``dim=0`` becomes ``dim=1``; a negative axis becomes 0, any other the axis before it."""
    if isinstance(node, ast.keyword) and node.arg in AXES:
        try:
            along = ast.literal_eval(node.value)
        except ValueError:
            return
        if isinstance(along, int):
            yield ast.keyword(node.arg, number(1 if along == 0 else max(along - 1, 0)))


def swapped_order(node: ast.AST) -> Iterator[ast.AST]:
    """Swap two neighbours in a tuple: indices, shapes, results, or the targets of an unpacking."""
    if isinstance(node, ast.Tuple):
        for position in range(len(node.elts) - 1):
            yield changed(node, elts=exchanged(node.elts, position))


def call_left_out(node: ast.AST) -> Iterator[ast.AST]:
    """``x.abs()`` and ``torch.abs(x)`` become ``x``."""
    if isinstance(node, ast.Call) and name_of(node.func) in _FORGOTTEN:
        if isinstance(node.func, ast.Attribute) and not is_module(node.func.value):
            yield node.func.value
        elif node.args and not isinstance(node.args[0], ast.Starred):
            yield node.args[0]
