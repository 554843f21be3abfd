"""Turn Python code into syntax trees without its words, so that equal trees do the same."""

from __future__ import annotations

import ast

_TEXT_OPTIONS = {"name", "because", "detail"}  # of `expect`


def structure(node: object) -> str:
    """Return a syntax tree as text that is the same in every version of Python."""
    if isinstance(node, ast.AST):
        fields = [
            f"{name}={structure(value)}"
            for name, value in ast.iter_fields(node)
            if value not in (None, []) and name not in ("ctx", "kind", "type_comment")
        ]
        return f"{type(node).__name__}({', '.join(fields)})"
    return f"[{', '.join(map(structure, node))}]" if isinstance(node, list) else repr(node)


def without_words(tree: ast.Module, *, in_vocabulary: bool) -> ast.Module:
    """Remove docstrings, arguments of exceptions, and texts given to ``expect`` from a tree in place; return it.

    In the vocabulary, also remove every text with a space, since it is for students.
    """
    _WithoutWords(in_vocabulary=in_vocabulary).visit(tree)
    return tree


def is_metric(decorator: ast.expr) -> bool:
    """Return whether a decorator is ``@metric``."""
    return isinstance(decorator, ast.Name) and decorator.id == "metric"


def _without_points(decorator: ast.expr) -> ast.expr:
    """Remove the points from ``@check(points=3, ...)``."""
    if isinstance(decorator, ast.Call):
        decorator.keywords = [keyword for keyword in decorator.keywords if keyword.arg != "points"]
    return decorator


class _WithoutWords(ast.NodeTransformer):
    def __init__(self, *, in_vocabulary: bool) -> None:
        self._in_vocabulary = in_vocabulary

    def visit(self, node: ast.AST) -> ast.AST:
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            node.body = body[1:] or [ast.Pass()]  # type: ignore[attr-defined]
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = [_without_points(item) for item in node.decorator_list if not is_metric(item)]
        visited: ast.AST = super().visit(node)
        return visited

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call):
            node.exc, node.cause = node.exc.func, None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = node.func
        if (
            isinstance(function, ast.Attribute)
            and isinstance(function.value, ast.Name)
            and function.value.id == "expect"
        ):
            node.keywords = [keyword for keyword in node.keywords if keyword.arg not in _TEXT_OPTIONS]
            node.args = [_blank(item) for item in node.args]
        return self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return ast.Constant("") if self._in_vocabulary else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        is_said = self._in_vocabulary and isinstance(node.value, str) and " " in node.value
        return ast.Constant("") if is_said else node


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _blank(argument: ast.expr) -> ast.expr:
    is_text = isinstance(argument, ast.JoinedStr) or (
        isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )
    return ast.Constant("") if is_text else argument
