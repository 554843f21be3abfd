"""Find mistakes between a part's files: a value that nothing makes, a gate without a metric, a reserved name."""

from __future__ import annotations

import ast
import json
import re
import struct
from collections.abc import Collection, Iterator
from pathlib import Path

from grader.course.catalog import Part
from grader.course.check_file import CheckFile, decorated_with, parameters
from grader.errors import did_you_mean
from grader.verification import author_names
from grader.verification.problems import FileProblem


def reference_names(part: Part) -> Iterator[FileProblem]:
    """Find entry points of the reference with a name that `submission` itself uses."""
    taken = author_names.taken_names()
    for node in ast.parse(part.reference.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name in taken:
            sentence = f"no check can call `{node.name}`, since `submission.{node.name}` is the grader's own: rename it"
            yield FileProblem(part.reference, node.lineno, sentence)


def expected_values(part: Part, file: CheckFile) -> Iterator[FileProblem]:
    """Find ``expected.name`` for which there is no value in the fixture data."""
    known = stored_names(part)
    if known is None:
        return  # the layout reports the missing file
    for node in _attributes_of("expected", file):
        if node.attr not in known:
            yield FileProblem(file.path, node.lineno, _not_made(part, node.attr, known))


def _not_made(part: Part, name: str, known: Collection[str]) -> str:
    maker = part.fixture_folder / "make.py"
    if maker.is_file() and re.search(rf"""["']{name}["']""", maker.read_text(encoding="utf-8")):
        return f"`expected.{name}` is not in expected.json yet: run `grader fixtures {part.identity}`"
    return f"make.py makes no value {name!r}{did_you_mean(name, sorted(known))}"


def submission_names(part: Part, file: CheckFile) -> Iterator[FileProblem]:
    """Find ``submission.name`` that is neither a function of the reference nor one of the grader's own."""
    entry_points = [entry.name for entry in part.entry_points]
    known = {*entry_points, *author_names.taken_names()}
    for node in _attributes_of("submission", file):
        if node.attr not in known:
            words = did_you_mean(node.attr, [*entry_points, *author_names.SUBMISSION])
            yield FileProblem(file.path, node.lineno, f"the reference defines no {node.attr!r}{words}")


def gates(part: Part, file: CheckFile) -> Iterator[FileProblem]:
    """Find gates without a metric, metrics without a gate, and gates that a check asks for but part.toml lacks."""
    terms, known = part.fixture_folder / "part.toml", part.config.gates
    metrics = [function for function in file.functions if decorated_with(function, "metric")]
    named = {function.name for function in metrics or file.functions} | _imported(file)
    for gate in known:
        if gate not in named:
            sentence = f"gate {gate!r} has no metric: {file.path.name} defines no function of this name"
            yield FileProblem(terms, _line_of_gate(terms, gate), f"{sentence}{' with `@metric`' if metrics else ''}")
    for function in metrics:
        if function.name not in known:
            sentence = f"metric {function.name!r} has no gate: part.toml has no [gates.{function.name}]"
            yield FileProblem(file.path, function.lineno, sentence)
    for node, gate in _gates_asked_for(file):
        if gate not in known:
            yield FileProblem(file.path, node.lineno, f"part.toml has no gate {gate!r}{did_you_mean(gate, known)}")


def _gates_asked_for(file: CheckFile) -> Iterator[tuple[ast.expr, str]]:
    """Yield each ``gates.require("name", ...)`` and its name."""
    for node in ast.walk(file.tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="gates")), args=[ast.Constant(value=str(name)), *_]):
                yield node, name


def _imported(file: CheckFile) -> set[str]:
    """Return the names that a check file imports from other modules."""
    imports = (node for node in file.tree.body if isinstance(node, ast.ImportFrom))
    return {alias.asname or alias.name for node in imports for alias in node.names}


def _line_of_gate(path: Path, gate: str) -> int:
    heading = re.compile(rf"""\s*\[\s*gates\s*\.\s*["']?{re.escape(gate)}["']?\s*\]""")
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return next((number for number, line in lines if heading.match(line)), 1)


def solutions(part: Part) -> Iterator[FileProblem]:
    """Find known solutions that Python cannot read, and mistakes without a docstring, which is their hint."""
    for path in (*part.variants, *part.mistakes):
        tree, problem = parsed(path)
        if problem:
            yield problem
        elif tree and path in part.mistakes and not (ast.get_docstring(tree) or "").strip():
            yield FileProblem(path, 1, "this mistake has no docstring: it is the hint that students read", stops=False)


def parsed(path: Path, *, stops: bool = False) -> tuple[ast.Module | None, FileProblem | None]:
    """Parse a file of the course; return the problem instead if Python cannot read it."""
    try:
        return ast.parse(path.read_text(encoding="utf-8")), None
    except SyntaxError as error:
        return None, FileProblem(
            path, error.lineno or 1, f"Python cannot read this line: {error.msg}", stops, unreadable=True
        )
    except (ValueError, RecursionError) as error:
        return None, FileProblem(path, 1, f"Python cannot read this file: {error}", stops, unreadable=True)


def stored_names(part: Part) -> set[str] | None:
    """Return the names of the stored fixture data without loading the values; None if nothing is stored."""
    path = part.fixture_folder / "expected.json"
    try:
        names = set(json.loads(path.read_text(encoding="utf-8")))
        large = path.with_suffix(".safetensors")
        if large.is_file():
            with large.open("rb") as file:  # eight bytes with the header's length, then the header as JSON
                (length,) = struct.unpack("<Q", file.read(8))
                names |= json.loads(file.read(length)).keys()
    except (OSError, ValueError, struct.error):
        return None
    return names


def _attributes_of(fixture: str, file: CheckFile) -> Iterator[ast.Attribute]:
    """Yield each ``fixture.name`` that is read in a function with a parameter called ``fixture``."""
    for function in file.functions:
        if fixture in [parameter.arg for parameter in parameters(function)]:
            for node in ast.walk(function):
                match node:
                    case ast.Attribute(value=ast.Name(id=name), ctx=ast.Load()) if name == fixture:
                        yield node
