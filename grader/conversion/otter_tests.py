"""The tests of one question of Otter Assign: their settings, their points, and which of two kinds they are."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from grader.conversion.notebook import Cell
from grader.conversion.worksheet import Test

_SETTINGS = re.compile(
    r'\A(?:\w+\s*=\s*)?"{1,3}\s*#\s*BEGIN\s*TEST\s*CONFIG[^\n]*\n(?P<yaml>.*?)^"{1,3}\s*#\s*END\s*TEST\s*CONFIG[^\n]*\n?',
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_HIDDEN = re.compile(r"\A\s*#.*\bhidden\b.*\n?", re.IGNORECASE)
_IGNORE = re.compile(r"^.*# IGNORE[ \t]*$\n?", re.MULTILINE)


@dataclass(frozen=True)
class _Case:
    """A test cell with its settings taken out of the text."""

    cell: Cell
    text: str
    config: Mapping[str, Any]
    hidden: bool


def tests_of(question: str, config: Mapping[str, Any], cells: Sequence[Cell]) -> list[Test]:
    """Return the tests of a question; raises ValueError for points that do not fit."""
    cases = [_case(cell) for cell in cells if cell.kind == "code"]
    points = _points(config.get("points"), [case.config.get("points") for case in cases])
    return [
        _test(f"{question}_{number}" if len(cases) > 1 else question, case, worth)
        for number, (case, worth) in enumerate(zip(cases, points, strict=True), start=1)
    ]


def _case(cell: Cell) -> _Case:
    settings = _SETTINGS.match(cell.text)
    loaded = yaml.safe_load(settings["yaml"]) if settings else {}
    config = loaded if isinstance(loaded, dict) else {}
    text = cell.text[settings.end() :] if settings else cell.text
    by_comment = _HIDDEN.match(text)
    return _Case(cell, text, config, bool(config.get("hidden", by_comment is not None)))


def _test(name: str, case: _Case, points: float) -> Test:
    text = _IGNORE.sub("", case.text)
    inner = _body_of_only_function(text)
    return Test(
        name=name,
        text=text if inner is None else inner,
        points=points,
        hidden=case.hidden,
        failure=" ".join(str(case.config.get("failure_message") or "").split()),
        value="" if inner is not None else case.cell.value,
        printed=inner is None and case.cell.printed,
    )


def _body_of_only_function(text: str) -> str | None:
    """Return the body of a test of the kind that raises: a function ``test_...`` and nothing else (but its call)."""
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return None
    calls = [node for node in body[1:] if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))]
    if not body or calls or not isinstance(body[0], ast.FunctionDef) or not body[0].name.startswith("test"):
        return None
    lines = text.split("\n")[body[0].body[0].lineno - 1 : body[0].end_lineno]
    return textwrap.dedent("\n".join(lines))


def _points(total: Any, each: Sequence[Any]) -> list[float]:
    """Return what every test is worth, by Otter's rules: what the question has and no test takes is shared."""
    if isinstance(total, dict):
        total = total.get("each", 1) * len(each)
    if isinstance(total, list):
        if len(total) != len(each):
            raise ValueError(f"it has points for {len(total)} tests, and {len(each)} tests")
        each, total = total, None
    given = [float(points) for points in each if points is not None]
    left = len(each) - len(given)
    if total is None:
        share = 1 / left if left and not any(given) else 0.0
    elif sum(given) > float(total):
        raise ValueError("its tests have more points than it has itself")
    else:
        share = (float(total) - sum(given)) / left if left else 0.0
    return list(_rounded(share if points is None else float(points) for points in each))


def _rounded(points: Iterator[float]) -> Iterator[float]:
    return (round(worth, 4) for worth in points)
