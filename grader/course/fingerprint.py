"""Hash what a Python file does, to tell when something that was measured is out of date."""

from __future__ import annotations

import ast
import hashlib
import re

_POINTS = re.compile(r"\bpoints=[\d.]+,? ?")


def of_code(source: str) -> str:
    """Return the SHA-256 of a file's code; docstrings, comments on lines of their own and points do not count."""
    silent = {line for node in ast.walk(ast.parse(source)) for line in _docstring_lines(node)}
    lines = [line.rstrip() for number, line in enumerate(source.splitlines(), start=1) if number not in silent]
    kept = [_POINTS.sub("", line) for line in lines if line and not line.lstrip().startswith("#")]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def _docstring_lines(node: ast.AST) -> range:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if not isinstance(node, documented) or ast.get_docstring(node) is None:
        return range(0)
    return range(node.body[0].lineno, (node.body[0].end_lineno or node.body[0].lineno) + 1)
