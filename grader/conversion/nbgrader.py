"""Take a notebook of nbgrader apart: the metadata of its cells says what each one is.

``solution`` and not ``grade`` is a solution, ``grade`` and not ``solution`` tests, both of them, or ``task``, an answer
that a person marks.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from grader.conversion.notebook import Cell
from grader.conversion.worksheet import BEGIN, END, Code, Test, Told, Worksheet, Written, identifier, title_of

_SCHEME = re.compile(r"^.*BEGIN MARK SCHEME.*\n(?P<words>(?:.*\n)*?)(?:.*END MARK SCHEME.*|\Z)", re.MULTILINE)


def read(name: str, cells: Sequence[Cell]) -> Worksheet:
    """Return what a source notebook of nbgrader holds; its order is kept."""
    code: list[Code] = []
    tests: list[Test] = []
    written: list[Written] = []
    texts: list[str] = []
    asked: list[str] = []  # the Markdown since the last cell that somebody answers
    for cell in cells:
        grade, solution, task = (bool(cell.nbgrader.get(key)) for key in ("grade", "solution", "task"))
        if task or (grade and solution):
            written.append(_written(cell, "\n\n".join(asked), task=task))
            asked = []
        elif cell.kind == "code" and grade:
            tests += _tests(cell)
            asked = []
        elif cell.kind == "code":
            code.append(_code(cell, solution=solution))
            texts, asked = ([*texts, *asked], []) if solution else (texts, asked)
        elif cell.kind == "markdown":
            asked.append(cell.text.strip().removeprefix("---").strip())
    everything = "\n".join(cell.text for cell in cells if cell.kind == "markdown")
    title = title_of(cells, name)
    return Worksheet(
        name=name,
        title=title,
        text=re.sub(rf"^#\s+{re.escape(title)}.*\n", "", "\n\n".join(texts)).strip(),
        code=tuple(code),
        tests=tuple(tests),
        written=tuple(written),
        told=tuple(_pictures(everything)),
    )


def _code(cell: Cell, *, solution: bool) -> Code:
    lines = [_marker(line) for line in cell.lines]
    return Code(number=cell.number, text="\n".join(lines), whole=solution and BEGIN not in "\n".join(lines))


def _marker(line: str) -> str:
    """Return a line of nbgrader's that begins or ends a solution as our marker; any other line as it is."""
    indent = line[: len(line) - len(line.lstrip())]
    for words, marker in (("BEGIN SOLUTION", BEGIN), ("END SOLUTION", END)):
        if words in line:
            return indent + marker
    return line


def _tests(cell: Cell) -> Iterator[Test]:
    """Yield the test of a cell; two if only some lines of it are hidden, each worth half: nbgrader asks for both."""
    visible, hidden = _split(cell.lines)
    name, points = identifier(str(cell.nbgrader.get("grade_id", ""))), float(cell.nbgrader.get("points") or 0)
    title = _docstring(cell.text)
    whole = Test(name=name, text="\n".join([*visible, *hidden]), points=points, title=title, hidden=bool(hidden))
    if not hidden or not _does_something(visible):
        yield whole
        return
    yield Test(name=name, text="\n".join(visible), points=points / 2, title=title)
    lines = "\n".join(line for line in cell.lines if "HIDDEN TESTS" not in line)
    yield Test(name=f"{name}_hidden", text=lines, points=points / 2, title=title, hidden=True, after=name)


def _split(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    visible: list[str] = []
    hidden: list[str] = []
    inside = False
    for line in lines:
        if "BEGIN HIDDEN TESTS" in line or "END HIDDEN TESTS" in line:
            inside = "BEGIN" in line
        else:
            (hidden if inside else visible).append(line)
    return visible, hidden


def _does_something(lines: Sequence[str]) -> bool:
    """Return whether code has a statement that is no import, definition or docstring."""
    try:
        body = ast.parse("\n".join(lines)).body
    except SyntaxError:
        return False
    idle = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign)
    return any(not isinstance(node, idle) and not _is_text(node) for node in body)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _docstring(text: str) -> str:
    try:
        words = ast.get_docstring(ast.parse(text)) or ""
    except SyntaxError:
        return ""
    return " ".join(words.split())


def _written(cell: Cell, asked: str, *, task: bool) -> Written:
    name = identifier(str(cell.nbgrader.get("grade_id", "")))
    points = float(cell.nbgrader.get("points") or 0)
    answer = "\n".join(line for line in cell.lines if not re.search(r"(BEGIN|END) SOLUTION", line)).strip()
    if task:
        scheme = _SCHEME.search(cell.text)
        text = _SCHEME.sub("", cell.text).strip().removeprefix("---").strip()
        return Written(name=name, text=text, points=points, model_answer=scheme["words"].strip() if scheme else "")
    if cell.kind == "code":
        note = "its answer is code: students paste it into their answer, or you ask for a function and check it"
        return Written(name=name, text=asked, points=points, model_answer=f"```python\n{answer}\n```", note=note)
    return Written(name=name, text=asked, points=points, model_answer=answer)


def _pictures(text: str) -> Iterator[Told]:
    for path in dict.fromkeys(re.findall(r"!\[[^]]*\]\(([^)\s]+)\)", text)):
        yield Told(f"picture {path}", note="the text still names it: put it beside what students get, or take it out")
