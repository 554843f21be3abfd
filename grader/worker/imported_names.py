"""Which names of one file another file of the submission uses, read from its import statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator


def names_taken(tree: ast.Module, means_it: Callable[[str], bool]) -> Iterator[str]:
    """Yield the names that a file takes from a module; ``means_it`` tells whether the last part of a name means it.

    These are the names after ``from module import``, and ``f`` in ``module.f``, whatever the module is called here.
    After ``from module import *`` it may be every name that the file uses.
    """
    called: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                called |= {alias.asname or alias.name.rpartition(".")[2] for alias in names if _is_it(alias, means_it)}
            case ast.ImportFrom(module=module, names=names):
                called |= {alias.asname or alias.name for alias in names if _is_it(alias, means_it)}
                if means_it((module or "").rpartition(".")[2]):
                    yield from _after_from(names, tree)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr=taken) if name in called:
                yield taken


def _is_it(alias: ast.alias, means_it: Callable[[str], bool]) -> bool:
    return means_it(alias.name.rpartition(".")[2])


def _after_from(names: list[ast.alias], tree: ast.Module) -> Iterator[str]:
    for alias in names:
        if alias.name == "*":
            yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
        else:
            yield alias.name
