"""Hash everything that a run of a gate's metric, or of a check, executes: to tell when it has changed.

The hash covers, as syntax trees, the metric and every definition that it uses in the check file, in modules of the
course that the check file imports, and in the vocabulary (``expect`` and the like). It also covers the fixture data if
the metric asks for ``expected``, and the code that makes the data sets if it asks for ``datasets``. It ignores other
checks, points, docstrings, comments, layout, words for the student (arguments of exceptions, texts and names given to
``expect``), and how evidence is drawn.
"""

from __future__ import annotations

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import grader
from grader.course import check_file, syntax
from grader.course.catalog import Part
from grader.errors import CourseError

_PACKAGE = Path(grader.__file__).parent
# Nothing in these changes what a metric returns.
_NOT_FOLLOWED = (
    "grader.check",
    "grader.metric",
    "grader.evidence",
    "grader.vocabulary.evidence",
    "grader.vocabulary.words",
)


def metric_sha256(part: Part, gate: str) -> str:
    """Return the SHA-256 of all that a run of a gate's metric executes; raises CourseError if it has no metric."""
    wants = declared(part)[gate].wants
    lines = sorted(set(_reached(part.check_file, gate)))
    if "expected" in wants:
        files = (part.fixture_folder / name for name in ("expected.json", "expected.safetensors"))
        lines += [hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()]
    if "datasets" in wants:
        lines += _of_datasets(part)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def check_sha256(part: Part, check: str) -> str:
    """Return the SHA-256 of a check's code: all of the course that it executes, the metrics of its gates included.

    Does not cover the vocabulary, nor expected values and ``part.toml``, which belong to all checks of the part.
    """
    lines = set(_reached(part.check_file, f"check_{check}", vocabulary=False))
    of_gates = [gate for gate in part.config.gates if any(repr(gate) in line for line in lines)]
    for gate in of_gates:
        lines |= set(_reached(part.check_file, gate, vocabulary=False))
    named = [f"check_{check}", *of_gates]
    functions = [one for one in check_file.read(part.check_file).functions if one.name in named]
    if any(argument.arg == "datasets" for one in functions for argument in check_file.parameters(one)):
        lines |= set(_of_datasets(part))
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _of_datasets(part: Part) -> list[str]:
    """Return the code that makes the data sets of a part."""
    return [line for path in dataset_code(part) for line in _module(path).whole]


def dataset_code(part: Part) -> list[Path]:
    """Return the files whose code makes the data sets of a part; every metric on these depends on them."""
    return sorted({path for dataset in part.config.datasets for path in part.datasets.code_of(dataset)})


def declared(part: Part) -> dict[str, _Declaration]:
    """Return the metrics of a check file; raises CourseError, with file and line, unless gates and metrics match."""
    metrics = _declarations(part.check_file, part.check_file.read_text(encoding="utf-8"))
    for name, metric in metrics.items():
        if name not in part.config.gates:
            words = f"metric {name!r} has no gate; add [gates.{name}] to part.toml"
            raise CourseError(f"{part.check_file}:{metric.line}: {words}")
    for name in part.config.gates:
        if name not in metrics:
            words = f"gate {name!r} has no metric in {part.check_file.name}; declare it with @metric"
            raise CourseError(f"{_line_of_gate(part, name)}: {words}")
    return metrics


class _Declaration(NamedTuple):
    """The line of a metric, and the names of its parameters."""

    line: int
    wants: frozenset[str]


@lru_cache(maxsize=64)
def _declarations(path: Path, text: str) -> dict[str, _Declaration]:
    functions = [node for node in _parsed(path, text).body if isinstance(node, ast.FunctionDef)]
    return {
        node.name: _Declaration(node.lineno, frozenset(argument.arg for argument in node.args.args))
        for node in functions
        if any(map(syntax.is_metric, node.decorator_list))
    }


def _line_of_gate(part: Part, gate: str) -> str:
    path = part.fixture_folder / "part.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"{path}:{next((n for n, line in enumerate(lines, 1) if line.startswith(f'[gates.{gate}]')), 1)}"


class _Import(NamedTuple):
    """The source of an imported name; ``name`` is empty for a whole module."""

    module: str
    name: str


class _Module:
    """The definitions of one Python file, without docstrings and words."""

    def __init__(self, path: Path, text: str) -> None:
        in_vocabulary = path.is_relative_to(_PACKAGE / "vocabulary")
        self.silent = syntax.without_words(_parsed(path, text), in_vocabulary=in_vocabulary)

    @cached_property
    def definitions(self) -> dict[str, list[_Statement]]:
        """Return statements by the name that they define; under "" those that define no name, which always run."""
        found: defaultdict[str, list[_Statement]] = defaultdict(list)
        for node in self.silent.body:
            if not isinstance(node, ast.Import | ast.ImportFrom):
                statement = _Statement(syntax.structure(node), frozenset(_uses(node)))
                for name in _defined_by(node) or [""]:
                    found[name].append(statement)
        return dict(found)

    @property
    def whole(self) -> list[str]:
        """Return the code of the whole file without its imports, so that the file may move."""
        return [statement.code for statements in self.definitions.values() for statement in statements]

    @cached_property
    def imports(self) -> dict[str, _Import]:
        """Return the source of each imported name."""
        found = {}
        for node in ast.walk(self.silent):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = _Import(alias.name, "")
            elif isinstance(node, ast.ImportFrom):
                found |= {alias.asname or alias.name: _Import(node.module or "", alias.name) for alias in node.names}
        return found


class _Use(NamedTuple):
    """A name in the code and the attribute read from it, as in ``expect.close``; empty if there is none."""

    name: str
    attribute: str


class _Statement(NamedTuple):
    """A statement at the top of a module: its code as text, and the names that it uses."""

    code: str
    uses: frozenset[_Use]


def _module(path: Path) -> _Module:
    return _module_of(path, path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _module_of(path: Path, text: str) -> _Module:
    return _Module(path, text)


def _parsed(path: Path, text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise CourseError(f"{path}:{error.lineno}: {error.msg}") from None


def _reached(file: Path, function: str, *, vocabulary: bool = True) -> Iterator[str]:
    """Yield the code of a function, of all that it uses, and so on, one text for each statement."""
    waiting, seen = [(file, function)], set[tuple[Path, str]]()
    while waiting:
        path, name = waiting.pop()
        if (path, name) in seen:
            continue
        seen.add((path, name))
        waiting.append((path, ""))  # the statements that always run
        module = _module(path)
        for statement in module.definitions.get(name, ()):
            yield statement.code
            for use in statement.uses:
                source = module.imports.get(use.name)
                if source is None:
                    waiting.append((path, use.name))
                    continue
                if f"{source.module}.{source.name}".startswith(_NOT_FOLLOWED):
                    continue
                yield f"import {source.module} {source.name} {use.attribute}"
                if not vocabulary and source.module.partition(".")[0] == "grader":
                    continue
                for other, attribute in _followed(source, use.attribute, file):
                    waiting += [(other, each) for each in ([attribute] if attribute else _module(other).definitions)]


def _followed(source: _Import, attribute: str, file: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file of the grader or course that an import leads to, and the name in it ("" for all names)."""
    dotted = f"{source.module}.{source.name}".rstrip(".")
    if source.module == "grader" and source.name in grader.VOCABULARY:
        where, name = grader.VOCABULARY[source.name]
        yield _PACKAGE.parent.joinpath(*where.split(".")).with_suffix(".py"), name or attribute
        return
    roots = [file.parent, file.parents[1]]
    if dotted.startswith("grader.vocabulary."):
        roots = [_PACKAGE.parent]
    for root in roots:
        as_module = root.joinpath(*dotted.split(".")).with_suffix(".py")
        as_name = root.joinpath(*source.module.split(".")).with_suffix(".py")
        if as_module.is_file():
            yield as_module, attribute
            return
        if source.name and as_name.is_file():
            yield as_name, source.name
            return


def _uses(statement: ast.stmt) -> set[_Use]:
    inner = {
        id(node.value)
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(_Use(node.value.id, node.attr))
        elif isinstance(node, ast.Name) and id(node) not in inner:
            found.add(_Use(node.id, ""))
    return found


def _defined_by(statement: ast.stmt) -> list[str]:
    """Return the names that a statement at the top of a module defines."""
    match statement:
        case ast.FunctionDef() | ast.ClassDef():
            return [statement.name]
        case ast.Assign() | ast.AnnAssign():
            return [n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return []
