"""Put solution markers where `grader stubs` needs them: inside each function, around what students are to write."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.conversion.worksheet import BEGIN, END
from grader.course.stubs import stub_of
from grader.errors import CourseError

Function = ast.FunctionDef | ast.AsyncFunctionDef


def with_regions(text: str, *, whole: bool) -> str:
    """Return a function or class with markers that give a stub: its own if they do, else around each whole body."""
    if not whole and _gives_stub(text):
        return text
    bare = "\n".join(line for line in text.split("\n") if line.strip() not in {BEGIN, END})
    node = ast.parse(bare).body[0]
    if isinstance(node, Function) and node.name.startswith("_"):
        return f"{BEGIN}\n{bare}\n{END}"  # students do not get the solution's own helpers
    if any(function.body[0].lineno == function.lineno for function in _functions(node)):
        bare = ast.unparse(node)  # its body is on the line of its name
        node = ast.parse(bare).body[0]
    lines = bare.split("\n")
    for function in reversed(list(_functions(node))):
        _enclose(lines, function)
    return "\n".join(lines)


def _gives_stub(text: str) -> bool:
    """Return whether the markers give a stub that always says that it is not written, whatever it is called with."""
    try:
        stub = stub_of(text)
    except CourseError:
        return False
    for function in _functions(ast.parse(stub).body[0]):
        raising = [node for node in ast.walk(function) if isinstance(node, ast.Raise) and _says_not_written(node)]
        if raising and not set(raising) & set(function.body):
            return False  # it is raised in a loop or a condition
    return True


def _says_not_written(node: ast.Raise) -> bool:
    return "NotImplementedError" in ast.unparse(node)


def _functions(node: ast.stmt) -> Iterator[Function]:
    """Yield a function, or the methods of a class."""
    if isinstance(node, Function):
        yield node
    elif isinstance(node, ast.ClassDef):
        yield from (part for part in node.body if isinstance(part, Function))


def _enclose(lines: list[str], function: Function) -> None:
    """Put markers around the body of a function, after its docstring, with the comments above it and below."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body:
        return
    first = min([body[0].lineno, *(decorator.lineno for decorator in getattr(body[0], "decorator_list", []))]) - 1
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    while _is_comment(lines, first - 1, indent):
        first -= 1
    end = function.end_lineno or first
    while _is_comment(lines, end, indent):
        end += 1
    lines.insert(end, indent + END)
    lines.insert(first, indent + BEGIN)


def _is_comment(lines: list[str], place: int, indent: str) -> bool:
    return 0 <= place < len(lines) and lines[place].startswith(f"{indent}#")
