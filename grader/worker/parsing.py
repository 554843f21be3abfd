"""Parse Python, and say plainly when a file is not for the Python that grades it."""

from __future__ import annotations

import ast
import re
import sys
import warnings

MAX_TEXT = 1 << 20  # characters of code in one file; a syntax tree takes a hundred times as much memory
_TOO_MUCH = f"it has more than {MAX_TEXT >> 20} MB of code"
_TOO_DEEP = "its brackets or blocks are nested too deeply"

# Syntax that came with a version of Python, by what the line of the error looks like.
_NEWER = (
    ((3, 12), re.compile(r"^\s*type\s+\w+\s*(\[.*\])?\s*="), "a `type` statement"),
    ((3, 12), re.compile(r"^\s*(async\s+)?(def|class)\s+\w+\s*\["), "type parameters in `[ ]`"),
    ((3, 14), re.compile(r"""(^|[^\w"'])[rR]?[tT][rR]?["']"""), "a t-string"),
    ((3, 14), re.compile(r"^\s*except\*?\s+[\w.]+\s*(,\s*[\w.]+\s*)+:"), "`except A, B:` without parentheses"),
    ((3, 15), re.compile(r"^\s*lazy\s+(import|from)\s"), "a lazy import"),
)
# What Python 3.11 says of f-strings that Python 3.12 allows, and such a string: quotes inside that are also around it.
_NEW_F_STRING = re.compile(r"f-string expression part cannot include (a backslash|'#')")
_QUOTES_INSIDE = re.compile(
    r"""\b[rR]?[fF][rR]?(["'])[^"'{}\n]*(\{[^{}"'\n]*\}[^"'{}\n]*)*\{[^{}"'\n]*\1[^{}\n]*\}.*\1"""
)
_PYTHON_2 = (
    (re.compile(r"^\s*print\s+[^=(\s]"), "write `print(...)`"),
    (re.compile(r"^\s*exec\s+[^=(\s]"), "write `exec(...)`"),
    (re.compile(r"^\s*except\s+[\w.]+\s*,\s*\w+\s*:"), "write `except Error as e:`"),
    (re.compile(r"^\s*raise\s+[\w.]+\s*,"), "write `raise Error(...)`"),
)


def parsed(text: str) -> ast.Module:
    """Return the syntax tree of Python source.

    Raises:
        SyntaxError: it is not valid, or too large or too deeply nested to tell.
    """
    if len(text) > MAX_TEXT:
        raise SyntaxError(_TOO_MUCH)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # students see a warning when their code runs, once
            return ast.parse(text)
    except (RecursionError, MemoryError):
        raise SyntaxError(_TOO_DEEP) from None
    except ValueError as error:  # a null byte
        raise SyntaxError(str(error)) from None


def other_python(error: SyntaxError, text: str) -> str:
    """Return, as words after the file's name, why valid Python is refused: newer than ours, Python 2, too large.

    Returns an empty string for a mistake in the student's own syntax.
    """
    if error.msg in (_TOO_MUCH, _TOO_DEEP):
        return f"cannot be read: {error.msg}"
    line = _line_of(error, text)
    if newer := _newer(error, line):
        version, what = newer
        ours = f"{sys.version_info.major}.{sys.version_info.minor}"
        return f"uses {what} in line {error.lineno}. It needs Python {version}, and is graded with Python {ours}"
    for pattern, advice in _PYTHON_2:
        if pattern.match(line):
            return f"is written for Python 2 (line {error.lineno}): in Python 3, {advice}"
    return ""


def _newer(error: SyntaxError, line: str) -> tuple[str, str] | None:
    for version, pattern, what in _NEWER:
        # `except A, e:` is also Python 2, and far more often so
        if sys.version_info < version and pattern.search(line) and not _PYTHON_2[2][0].match(line):
            return f"{version[0]}.{version[1]}", what
    if sys.version_info < (3, 12) and (_NEW_F_STRING.search(error.msg) or _QUOTES_INSIDE.search(line)):
        return "3.12", "quotes, a backslash or a comment inside an f-string"
    return None


def _line_of(error: SyntaxError, text: str) -> str:
    lines = text.split("\n")
    return lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
