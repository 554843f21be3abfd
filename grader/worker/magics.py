r"""Turn the text of a notebook's cell into Python: no magics, no shell lines, every other line as it is.

IPython's own transformer was tried: 4 ms for a cell of 60 lines and 52 ms for one of 300 (it reads the whole cell again
for every magic), and it joins continued lines, so that line numbers in messages would be wrong. This one reads a cell
once.

A line that is removed becomes `pass`, so that a block never becomes empty.
"""

from __future__ import annotations

import ast
import re

Line = tuple[str, int]  # the text, and the number of the line it comes from

# Magics whose text, or whose cell, IPython runs as code in the notebook itself.
_RUNS_CODE = {"time", "prun", "capture", "memit", "mprun", "lprun", "snakeviz", "debug", "heat"}
_NO_PYTHON = {
    *("sh", "bash", "script", "shell", "cmd", "system", "sx", "!", "perl", "ruby", "R", "julia", "sql", "bigquery"),
    *("html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG", "writefile", "file"),
    *("python", "python2", "python3", "pypy", "timeit"),  # run elsewhere: what they define is not defined here
}
_MOST_CELL_MAGICS = 50  # of one cell
_SHELL_WORDS = r"(pip3?|conda|mamba|cd|ls|mkdir|rmdir|rm|cp|mv|cat)"
_AUTOMAGIC = re.compile(rf"^{_SHELL_WORDS}\s+[^\s=(\[{{,:)]")
_HELP = re.compile(r"^(\?{1,2}\s*[%\w.*]+|[%\w.*\[\]'\"]+\s*\?{1,2})\s*;?\s*(#.*)?$")
_ASSIGNED = re.compile(r"^([\w.\[\]:'\", *]+?)\s*=\s*([!%])\s*(.*)$")
_RUN = re.compile(r"^run\s+(?:-\w\s+)*[\"']?(?:[\w./]*/)?([^\W\d]\w*)(?:\.py|\.ipynb)?[\"']?\s*$")
_EXPORTED = re.compile(r"^(\s*)get_ipython\(\)\.(?:run_line_magic|run_cell_magic|magic)\((.*)\)\s*;?$")
_TOKEN = re.compile(
    r"""\#.*|(?P<long>\"\"\"|''')|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|(?P<open>[\[({])|(?P<close>[\])}])|\\$"""
)
_LONG_END = {quote: re.compile(rf"(?:\\.|[^\\])*?{quote}") for quote in ('"""', "'''")}


def has_exported_magics(text: str) -> bool:
    """Return whether ``text`` has magics as ``jupyter nbconvert --to script`` writes them: valid Python."""
    return "get_ipython().run_" in text or "get_ipython().magic(" in text


def python_lines(text: str) -> list[Line]:
    """Return the lines of a cell, or of a script, without magics and shell commands."""
    lines: list[Line] = []
    for number, line in enumerate(text.split("\n"), start=1):
        lines += [(one, number) for one in _as_typed(line)]
    return _of_cell(lines)


def _as_typed(line: str) -> list[str]:
    """Return the lines of a cell that ``nbconvert`` made one call of; any other line as it is."""
    exported = _EXPORTED.match(line)
    if not exported:
        return [line]
    indent, arguments = exported.groups()
    try:
        words = ast.literal_eval(f"({arguments},)")
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return [line]
    if not all(isinstance(word, str) for word in words):
        return [line]
    if "run_cell_magic" not in line:
        return [indent + _line_magic(" ".join(words))]
    if indent or len(words) != 3:
        return [line]
    name, options, body = words
    if name in _NO_PYTHON:
        return _written(name, options, body.split("\n"))
    return [one for one, _ in _of_cell([(one, 0) for one in body.split("\n")])]


def _of_cell(lines: list[Line]) -> list[Line]:
    done: list[Line] = []
    while True:
        first = next(
            (place for place, (line, _) in enumerate(lines) if line.strip() and not line.startswith("#")), None
        )
        if first is None:
            return done + lines
        head, number = lines[first]
        if not head.startswith("%%"):
            return done + _without_line_magics(_dedented(lines, head))
        name, _, options = head[2:].partition(" ")
        done += lines[:first]
        lines = lines[first + 1 :]
        if name in _NO_PYTHON:
            return done + [(text, number) for text in _written(name, options.strip(), [line for line, _ in lines])]
        done.append(("pass", number))
        if len(done) > _MOST_CELL_MAGICS:  # each takes a copy of the rest
            return done


def _written(name: str, options: str, body: list[str]) -> list[str]:
    """Return what stands for a cell that is not Python: for a module that the cell writes, the writing and its code."""
    path = options.rsplit(" ", maxsplit=1)[-1].strip("\"'")
    if name not in ("writefile", "file") or not path.endswith(".py"):
        return ["pass"]
    text = "\n".join(body)
    return [f"get_ipython().run_cell_magic({name!r}, {path!r}, {text!r})", *body]


def _dedented(lines: list[Line], head: str) -> list[Line]:
    """Take away the indent of a cell that is indented as a whole, as IPython does."""
    indent = head[: len(head) - len(head.lstrip())]
    return [(line.removeprefix(indent), number) for line, number in lines] if indent else lines


def _without_line_magics(lines: list[Line]) -> list[Line]:
    result: list[Line] = []
    state = _State()
    swallowing = False
    for line, number in lines:
        if swallowing:
            swallowing = line.endswith("\\")
            result.append(("", number))
            continue
        python = _as_python(line) if state.at_start else None
        swallowing = python is not None and line.endswith("\\")
        result.append((line if python is None else python, number))
        state.read(line if python is None else python.removesuffix("\\"))
    return result


def _as_python(line: str) -> str | None:
    """Return the Python that stands for a line at the start of a statement; None if the line is Python already."""
    code = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if code.startswith("%"):
        return indent + _line_magic(code[1:].lstrip("%"))
    if code.startswith("!") or _HELP.match(code) or _AUTOMAGIC.match(code):
        return f"{indent}pass"
    if assigned := _ASSIGNED.match(code):
        target, mark, rest = assigned.groups()
        if mark == "!":
            return f"{indent}{target} = []"
        name, _, code = rest.partition(" ")
        return f"{indent}{target} = {code if name in _RUNS_CODE and code else None}"
    return None


def _line_magic(text: str) -> str:
    name, _, code = text.partition(" ")
    if name in _RUNS_CODE and name != "debug" and code.strip():
        return code.strip().removesuffix("\\")
    # What another file defines becomes defined here, too.
    found = _RUN.match(text)
    return f"from {found[1]} import *" if found and found[1].isascii() else "pass"


class _State:
    """Whether the next line begins a statement: it is inside no string and no bracket, and continues no line."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0
        self._continued = False

    @property
    def at_start(self) -> bool:
        return not self._quote and self._depth <= 0 and not self._continued

    def read(self, line: str) -> None:
        self._continued = line.endswith("\\") and not self._quote
        place = 0
        while place < len(line):
            if self._quote:
                end = _LONG_END[self._quote].match(line, place)
                if not end:
                    return
                self._quote, place = "", end.end()
                continue
            token = _TOKEN.search(line, place)
            if not token:
                return
            self._quote = token["long"] or ""
            self._depth = max(0, self._depth + bool(token["open"]) - bool(token["close"]))
            place = token.end()
