"""A part's check file, read without running it: its checks, what each declares, and its other functions."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

PREFIX = "check_"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class DeclaredCheck:
    """One function with ``@check(...)`` above it; ``options`` are the expressions given there, by keyword."""

    function: Function
    options: Mapping[str, ast.expr]

    @property
    def name(self) -> str:
        """Return the check's name, as records have it."""
        return self.function.name.removeprefix(PREFIX)

    @property
    def line(self) -> int:
        """Return the line of its ``def``, counted from 1."""
        return self.function.lineno

    def option(self, name: str, default: Any = None) -> Any:
        """Return an option's value; ``default`` where it is not given or not written out as a plain value."""
        try:
            return ast.literal_eval(self.options[name])
        except (KeyError, ValueError):
            return default

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Return the names of the checks that must pass first, without ``check_``."""
        names = self.option("depends_on", ())
        return tuple(str(name).removeprefix(PREFIX) for name in names) if isinstance(names, list | tuple) else ()


@dataclass(frozen=True)
class CheckFile:
    """A check file as it is written, parsed."""

    path: Path
    tree: ast.Module

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Return the functions at the top of the file, in order."""
        return tuple(node for node in self.tree.body if isinstance(node, Function))

    @cached_property
    def checks(self) -> tuple[DeclaredCheck, ...]:
        """Return the declared checks, in order."""
        found = []
        for function in self.functions:
            decorator = decorated_with(function, "check")
            if isinstance(decorator, ast.Call):
                options = {keyword.arg: keyword.value for keyword in decorator.keywords if keyword.arg}
                found.append(DeclaredCheck(function, options))
        return tuple(found)

    def with_prerequisites(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the checks named and all that must pass before them, in file order; unknown names are left out."""
        depends_on = {check.name: check.depends_on for check in self.checks}
        waiting, wanted = list(names), set[str]()
        while waiting:
            name = waiting.pop()
            if name not in wanted and name in depends_on:
                wanted.add(name)
                waiting += depends_on[name]
        return tuple(name for name in depends_on if name in wanted)


def read(path: Path) -> CheckFile:
    """Parse a check file. Raises SyntaxError, and ValueError for what Python cannot read at all."""
    return CheckFile(path, ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))


def decorated_with(function: Function, name: str) -> ast.expr | None:
    """Return the decorator called ``name`` (``@name``, ``@name(...)`` or ``@grader.name(...)``) of a function."""
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if called_name(called) == name:
            return decorator
    return None


def called_name(expression: ast.expr) -> str:
    """Return the last name of ``a``, ``b.a`` or ``c.b.a``; empty for anything else."""
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def parameters(function: Function) -> tuple[ast.arg, ...]:
    """Return a function's named parameters."""
    arguments = function.args
    return (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
