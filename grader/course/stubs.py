"""Make a student's stub from a reference: solution regions become ``raise NotImplementedError``. Pure text.

A region is what stands between ``# BEGIN SOLUTION`` and ``# END SOLUTION``, each a comment on its own line
(nbgrader's ``###`` works too). Signatures, docstrings and imports stay as they are. A region around whole private
functions is left out without a trace: they are the solution's own helpers. The reference is parsed, never imported: its
code must not run just because someone reads its signatures.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from grader.errors import CourseError

_MARKER = re.compile(r"#+ (BEGIN|END) SOLUTION")
_ALMOST = re.compile(r"\b(BEGIN|END)[\s_-]*SOLUTION", re.IGNORECASE)
_LONG_ENOUGH = 25  # a shorter line, such as `return total`, stands in a stub by chance

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class EntryPoint:
    """A public function or class of a reference: what a check may call, and with which parameters.

    A class has the parameters of its own ``__init__``, without ``self``. ``required`` counts the positional
    parameters that have no default. Variadic parameters are named with their stars.
    """

    name: str
    kind: Literal["function", "class"]
    parameters: tuple[str, ...] = ()
    required: int = 0


@dataclass(frozen=True, kw_only=True)
class _Region:
    """A solution region: the lines of its markers, counted from 1, and the indent of the first."""

    begin: int
    end: int
    indent: str


def stub_of(source: str) -> str:
    """Return the source with every solution region replaced; raises `CourseError` where one could leak."""
    source = _with_plain_newlines(source)
    tree = _parsed(source, "The reference")
    regions = _regions(source)
    _refuse_public_without_region(tree, regions)
    lines = source.split("\n")
    for region in reversed(regions):
        if _holds_private_functions(region, tree):
            _remove(lines, region)
            continue
        name = _function_around(region, tree)
        raising = f'raise NotImplementedError("{name} is not written yet")'
        lines[region.begin - 1 : region.end] = [region.indent + raising]
    stub = "\n".join(lines)
    _parsed(stub, "The stub made from the reference")
    return stub


def solution_lines(source: str) -> tuple[range, ...]:
    """Return the lines of every solution region, counted from 1, without its markers."""
    return tuple(range(region.begin + 1, region.end) for region in _regions(_with_plain_newlines(source)))


def entry_points(source: str) -> tuple[EntryPoint, ...]:
    """Return the public top-level functions and classes of a reference, in the order they are written."""
    tree = _parsed(source, "The reference")
    return tuple(_entry_point(node) for node in _public(tree))


def leaks(source: str, stub: str) -> list[str]:
    """Return the lines of solutions that the stub still shows: in code, a comment or a docstring."""
    source = _with_plain_newlines(source)
    lines = source.split("\n")
    comments = {token.start[0]: token.start[1] for token in _comments(source)}
    shown = [_squeezed(line) for line in stub.splitlines()]
    leaked = []
    for region in _regions(source):
        for number in range(region.begin + 1, region.end):
            code = _squeezed(lines[number - 1][: comments.get(number)])
            if len(code) > _LONG_ENOUGH and any(code in line for line in shown):
                leaked.append(code)
    return list(dict.fromkeys(leaked))


def _parsed(source: str, what: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise CourseError(f"{what} does not parse: line {error.lineno}: {error.msg}.") from error
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{what} does not parse: {error}.") from error


def _comments(source: str) -> Iterator[tokenize.TokenInfo]:
    # Tokens, not lines: a docstring may show a marker without being one.
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token


def _regions(source: str) -> list[_Region]:
    regions: list[_Region] = []
    opened: tokenize.TokenInfo | None = None
    for token in _comments(source):
        if not _ALMOST.search(token.string):
            continue
        line = token.start[0]
        marker = _MARKER.fullmatch(token.string.rstrip())
        if marker is None or token.line[: token.start[1]].strip():
            raise CourseError(f"Line {line}: a marker is `# BEGIN SOLUTION` or `# END SOLUTION`, alone on its line.")
        if (marker[1] == "BEGIN") == (opened is not None):
            problem = "begins inside another one" if opened else "ends without having begun"
            raise CourseError(f"Line {line}: a solution region {problem}.")
        if opened is not None:
            regions.append(_Region(begin=opened.start[0], end=line, indent=opened.line[: opened.start[1]]))
        opened = token if opened is None else None
    if opened is not None:
        raise CourseError(f"Line {opened.start[0]}: this solution region has no `# END SOLUTION`.")
    return regions


def _function_around(region: _Region, tree: ast.Module) -> str:
    inside = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and region.begin < node.lineno < region.end]
    if not inside:
        raise CourseError(f"Line {region.begin}: this solution region is empty.")
    first = min(inside, key=lambda node: (node.lineno, node.col_offset))
    if first.col_offset != len(region.indent):
        # A raise at the marker's own indent would land outside the function, and run on import.
        raise CourseError(f"Line {region.begin}: indent the marker like the code below it.")
    last = max(node.end_lineno or 0 for node in inside)
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, _Function) and node.lineno < region.begin and last <= (node.end_lineno or 0)
    ]
    if not around:
        raise CourseError(f"Line {region.begin}: this solution region is not inside one function.")
    return max(around, key=lambda node: node.lineno).name


def _holds_private_functions(region: _Region, tree: ast.Module) -> bool:
    """Return whether the region stands at the top level, around private functions and nothing else."""
    inside = [node for node in tree.body if region.begin < node.lineno < region.end]
    return bool(inside and not region.indent) and all(
        isinstance(node, _Function) and node.name.startswith("_") and (node.end_lineno or 0) < region.end
        for node in inside
    )


def _remove(lines: list[str], region: _Region) -> None:
    """Take a region out together with the empty lines after it, or before it where it is the last thing."""
    begin, end = region.begin - 1, region.end
    while end < len(lines) and not lines[end].strip():
        end += 1
    if end == len(lines):
        while begin and not lines[begin - 1].strip():
            begin -= 1
        lines[begin:] = [""]  # the last line still ends with a newline
        return
    lines[begin:end] = []


def _public(tree: ast.Module) -> list[_Function | ast.ClassDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]


def _refuse_public_without_region(tree: ast.Module, regions: list[_Region]) -> None:
    for node in _public(tree):
        if isinstance(node, ast.ClassDef) and not any(isinstance(part, _Function) for part in node.body):
            continue  # a record of fields: there is nothing to write
        # Markers are comments, and comments after the last statement do not count as part of a node: look for
        # where a region begins, never for where it ends.
        if not any(node.lineno < region.begin <= (node.end_lineno or 0) for region in regions):
            raise CourseError(
                f"Line {node.lineno}: {node.name} is public but has no solution region, so students would "
                "get it whole. Mark one, or give it a name that starts with an underscore."
            )


def _entry_point(node: _Function | ast.ClassDef) -> EntryPoint:
    if isinstance(node, ast.ClassDef):
        makers = [part for part in node.body if isinstance(part, _Function) and part.name == "__init__"]
        names, required = _parameters(makers[-1].args) if makers else ((), 0)
        return EntryPoint(name=node.name, kind="class", parameters=names[1:], required=max(required - 1, 0))
    names, required = _parameters(node.args)
    return EntryPoint(name=node.name, kind="function", parameters=names, required=required)


def _parameters(arguments: ast.arguments) -> tuple[tuple[str, ...], int]:
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    names = list(positional)
    if arguments.vararg:
        names.append(f"*{arguments.vararg.arg}")
    names += [argument.arg for argument in arguments.kwonlyargs]
    if arguments.kwarg:
        names.append(f"**{arguments.kwarg.arg}")
    return tuple(names), len(positional) - len(arguments.defaults)


def _with_plain_newlines(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _squeezed(line: str) -> str:
    return " ".join(line.split())
