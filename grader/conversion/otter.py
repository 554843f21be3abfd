"""Take a notebook of Otter Assign apart: raw cells, or fenced Markdown, say where questions and their blocks begin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from grader.conversion.notebook import Cell
from grader.conversion.otter_tests import tests_of
from grader.conversion.worksheet import BEGIN, END, Code, Test, Told, Worksheet, Written, identifier, title_of
from grader.errors import UsageError

_BOUNDARY = re.compile(r"#\s+(BEGIN|END)\s+(QUESTION|PROMPT|SOLUTION|TESTS)\b", re.IGNORECASE)
_CONFIG = re.compile(r"#\s+ASSIGNMENT\s+CONFIG\b", re.IGNORECASE)
_FENCE = re.compile(r"^```otter[ \t]*\n(?P<text>.*?)^```[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_MARKED = re.compile(r"\s*# ?SOLUTION( NO PROMPT)?\s*$|\s*# SEED\s*$")
_PROMPT = re.compile(r'^[ \t]*""" # BEGIN PROMPT.*?# END PROMPT[ \t]*$\n?', re.MULTILINE | re.DOTALL)
_IGNORED_BLOCK = re.compile(r"^[ \t]*#\s*BEGIN\s*IGNORE.*?# END IGNORE[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_IGNORED_LINE = re.compile(r"^.*# IGNORE[ \t]*$\n?", re.MULTILINE)
_OLDER = re.compile(r"^```\s*\n?BEGIN QUESTION", re.MULTILINE)


@dataclass
class _Question:
    """A question while its cells are read."""

    config: Mapping[str, Any]
    text: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)
    tests: list[Cell] = field(default_factory=list)

    @property
    def name(self) -> str:
        return identifier(str(self.config.get("name", "question")))


@dataclass
class _Taken:
    """What was read so far; ``blocks`` are those that have begun, QUESTION first."""

    code: list[Code] = field(default_factory=list)
    questions: list[_Question] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)

    def take(self, cell: Cell) -> None:
        """Take in the next cell."""
        boundary = _BOUNDARY.match(cell.text) if cell.kind == "raw" else None
        if boundary:
            self._step(cell, boundary[2].upper(), begins=boundary[1].upper() == "BEGIN")
        elif cell.kind == "raw" and _CONFIG.match(cell.text):
            self.told += _files(_yaml(cell))
        elif self.blocks[-1:] == ["TESTS"]:
            self.questions[-1].tests.append(cell)
        elif cell.kind == "code":
            self.code.append(Code(number=cell.number, text=marked(cell.text)))
            if self.blocks:
                self.questions[-1].answer += [f"```python\n{plain(cell.text)}\n```"] * ("SOLUTION" in self.blocks)
        elif cell.kind == "markdown" and self.blocks:
            question = self.questions[-1]  # what is in a prompt, students write over
            of_block = {"QUESTION": question.text, "SOLUTION": question.answer}
            of_block.get(self.blocks[-1], []).append(cell.text.strip())

    def _step(self, cell: Cell, block: str, *, begins: bool) -> None:
        if begins and bool(self.blocks) == (block == "QUESTION"):
            raise UsageError(f"cell {cell.number}: a {block.lower()} block cannot begin here")
        if not begins and self.blocks[-1:] != [block]:
            raise UsageError(f"cell {cell.number}: no {block.lower()} block ends here")
        if not begins:
            self.blocks.pop()
            return
        self.blocks.append(block)
        if block == "QUESTION":
            self.questions.append(_Question(_yaml(cell)))


def read(name: str, cells: Sequence[Cell]) -> Worksheet:
    """Return what a source notebook of Otter Assign holds; raises UsageError for one whose blocks do not fit."""
    if any(cell.kind == "markdown" and _OLDER.search(cell.text) for cell in cells):
        raise UsageError(f"{name} has the format of Otter before version 3, which is not read")
    taken = _Taken()
    for cell in _without_fences(cells):
        taken.take(cell)
    if taken.blocks:
        raise UsageError(f"{name}: a {taken.blocks[-1].lower()} block has no end")
    manual = [question for question in taken.questions if question.config.get("manual")]
    automatic = [question for question in taken.questions if not question.config.get("manual")]
    return Worksheet(
        name=name,
        title=title_of(cells, name),
        text="\n\n".join(text for question in automatic for text in question.text),
        code=tuple(taken.code),
        tests=tuple(test for question in automatic for test in _tests(question)),
        written=tuple(map(_written, manual)),
        told=(*taken.told, *(row for question in automatic for row in _notes(question))),
    )


def marked(text: str) -> str:
    """Return code with our markers for Otter's: around lines that end with ``# SOLUTION``, and for its own regions."""
    lines: list[str] = []
    inside = ""  # the indent of a run of marked lines
    for line in _without_asides(text).split("\n"):
        stripped = line.strip()
        is_marked = _MARKED.search(line) is not None and not stripped.startswith(("# BEGIN", "# END"))
        if inside and not is_marked:
            lines.append(inside[1:] + END)
            inside = ""
        indent = line[: len(line) - len(line.lstrip())]
        if is_marked:
            lines += [] if inside else [indent + BEGIN]
            inside = inside or f"|{indent}"
            lines.append(_MARKED.sub("", line))
        elif stripped.startswith("# BEGIN SOLUTION"):
            lines.append(indent + BEGIN)
        else:
            lines.append(indent + END if stripped.endswith("# END SOLUTION") else line)
    return "\n".join([*lines, inside[1:] + END] if inside else lines)


def _without_asides(text: str) -> str:
    """Return code without what only Otter's own versions of the notebook have: prompts and ignored lines."""
    return _IGNORED_LINE.sub("", _IGNORED_BLOCK.sub("", _PROMPT.sub("", text)))


def plain(text: str) -> str:
    """Return code without any marker."""
    return "\n".join(line for line in marked(text).split("\n") if line.strip() not in {BEGIN, END})


def _without_fences(cells: Sequence[Cell]) -> Iterator[Cell]:
    """Yield the cells, with each block between ```otter and ``` as a raw cell of its own."""
    for cell in cells:
        end = 0
        for fence in _FENCE.finditer(cell.text) if cell.kind == "markdown" else ():
            if cell.text[end : fence.start()].strip():
                yield _as(cell, "markdown", cell.text[end : fence.start()])
            yield _as(cell, "raw", fence["text"])
            end = fence.end()
        if not end or cell.text[end:].strip():
            yield _as(cell, cell.kind, cell.text[end:])


def _as(cell: Cell, kind: str, text: str) -> Cell:
    """Return the cell with another kind and text."""
    return Cell(number=cell.number, kind=kind, text=text, printed=cell.printed, value=cell.value)


def _yaml(cell: Cell) -> Mapping[str, Any]:
    try:
        config = yaml.safe_load(cell.text)
    except yaml.YAMLError as error:
        raise UsageError(f"cell {cell.number}: its settings are no YAML: {error}") from None
    return config if isinstance(config, dict) else {}


def _files(config: Mapping[str, Any]) -> Iterator[Told]:
    for name in config.get("files") or ():
        yield Told(f"file {name}", note="give its values to the functions as arguments: make.py can read it")
    if config.get("seed"):
        yield Told("the seed", note="every call of a student's function is seeded already")


def _tests(question: _Question) -> list[Test]:
    try:
        return tests_of(question.name, question.config, question.tests)
    except ValueError as error:
        raise UsageError(f"question {question.config.get('name')}: {error}") from None


def _notes(question: _Question) -> Iterator[Told]:
    if question.config.get("all_or_nothing"):
        yield Told(f"all_or_nothing of {question.name}", note="each check counts by itself, unless you join them")
    if not question.tests:
        yield Told(f"question {question.name}", note="it has no tests: write a check, or make it a written question")


def _written(question: _Question) -> Written:
    points = question.config.get("points")
    is_code = any(answer.startswith("```python") for answer in question.answer)
    answer = re.sub(r"^\*\*SOLUTION:?\*\*:?\s*", "", "\n\n".join(question.answer))
    notes = ["its answer is code: students paste it into their answer, or you ask for a function and check it"]
    notes = notes if is_code else []
    notes += [] if points else ["it had no points: it has 1 now"]
    return Written(
        name=question.name,
        text="\n\n".join(question.text),
        points=float(points) if isinstance(points, int | float) and points else 1.0,
        model_answer=answer,
        note="; ".join(notes),
    )
