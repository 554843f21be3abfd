"""Hashes that tell when what was measured is out of date: of what a file does, and of what a gate's metric runs.

A hint that is worded better, or a check that gets other points, changes nothing that was measured.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

_POINTS = re.compile(r"\bpoints=[\d.]+,? ?")


def of_code(source: str) -> str:
    """SHA-256 of what a Python file does: docstrings, comments on lines of their own and points do not count."""
    return _hash(source, range(1, len(source.splitlines()) + 1), ast.parse(source))


def of_metrics(check_file: Path, gates: Collection[str]) -> str:
    """SHA-256 of the metrics of ``gates`` in a check file, and of all that they lead to there.

    Gates sample the metrics, not the checks: a change of a check, or of a helper that only checks use, leaves the runs
    as they were.
    """
    source = check_file.read_text()
    tree = ast.parse(source)
    return _hash(source, sorted({line for node in _reached(tree, gates) for line in _lines(node)}), tree)


def _reached(tree: ast.Module, names: Collection[str]) -> Iterator[ast.stmt]:
    """The statements of a module that define ``names``, and what those use, and so on; and all that define nothing."""
    definitions: defaultdict[str, list[ast.stmt]] = defaultdict(list)
    for statement in tree.body:
        for name in _defined_by(statement) or [""]:
            definitions[name].append(statement)
    waiting, seen = ["", *names], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for statement in definitions.get(name, ()):
            yield statement
            waiting += [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]


def _defined_by(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module defines."""
    match statement:
        case ast.FunctionDef() | ast.ClassDef():
            return [statement.name]
        case ast.Import() | ast.ImportFrom():
            return [(alias.asname or alias.name).partition(".")[0] for alias in statement.names]
        case ast.Assign() | ast.AnnAssign():
            return [n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return []


def _lines(node: ast.stmt) -> range:
    decorators = getattr(node, "decorator_list", ())
    return range(min(part.lineno for part in (node, *decorators)), (node.end_lineno or node.lineno) + 1)


def _hash(source: str, numbers: Iterable[int], tree: ast.Module) -> str:
    silent = {line for node in ast.walk(tree) for line in _docstring_lines(node)}
    text = source.splitlines()
    lines = [text[number - 1].rstrip() for number in numbers if number not in silent]
    kept = [_POINTS.sub("", line) for line in lines if line and not line.lstrip().startswith("#")]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def _docstring_lines(node: ast.AST) -> range:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if not isinstance(node, documented) or ast.get_docstring(node) is None:
        return range(0)
    return _lines(node.body[0])
