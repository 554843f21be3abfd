"""Cut a file of checks down to the checks that students may have, and to the imports and definitions these reach.

The cut is an allow-list: whatever is not reached stays behind, also comments between definitions and the docstring of
the file, since they may speak of hidden checks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from grader.course import check_file, syntax
from grader.errors import CourseError

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Cut:
    """What is left of a file.

    ``text`` is its code; ``gates`` names the metrics in it, ``read`` what it reads of each of a check's inputs
    (``read["expected"]`` are names of fixture values), ``imported`` the names it imports from each module.
    """

    text: str
    names: frozenset[str]
    gates: frozenset[str]
    read: Mapping[str, frozenset[str]]
    imported: Mapping[str, frozenset[str]] = field(default_factory=dict)


def at_home(file: check_file.CheckFile, kept_back: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the visible checks, in file order, without those kept back and all that depend on them."""
    back = set(kept_back)
    kept = []
    for check in file.checks:
        if "visibility" in check.options and check.option("visibility") != "visible":
            continue
        if check.name in back or back & set(check.depends_on):
            back.add(check.name)
            continue
        kept.append(check.name)
    return tuple(kept)


def cut(path: Path, wanted: Iterable[str], title: str) -> Cut:
    """Return the file at ``path`` with only the definitions ``wanted`` and what they reach; ``title`` is its docstring.

    Raises:
        CourseError: two statements share a line, so that neither can be taken without the other.
    """
    source = _Source(path.read_text(encoding="utf-8"), path)
    names = source.reached(wanted)
    kept = [node for node in source.definitions if names & set(_defined_by(node))]
    used = {name for node in kept for name in _names_in(node)}
    imports = [left for node in source.imports if (left := _import_of(node, used)) is not None]
    blocks = [f'"""{title}"""', "\n".join(ast.unparse(node) for node in imports)]
    blocks += [source.lines_of(node) for node in kept]
    return Cut(
        text="\n\n\n".join(block for block in blocks if block) + "\n",
        names=frozenset(names),
        gates=frozenset(names & source.metrics),
        read=_read(kept),
        imported={
            node.module: frozenset(alias.name for alias in node.names)
            for node in imports
            if isinstance(node, ast.ImportFrom) and node.module
        },
    )


@dataclass(frozen=True)
class _Source:
    """A Python file as text, and its definitions and imports."""

    text: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @cached_property
    def definitions(self) -> list[_Definition]:
        return [node for node in self.tree.body if isinstance(node, _Definition)]

    @cached_property
    def imports(self) -> list[ast.Import | ast.ImportFrom]:
        return [node for node in self.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]

    @cached_property
    def metrics(self) -> frozenset[str]:
        """The names of its metrics."""
        functions = (node for node in self.definitions if isinstance(node, ast.FunctionDef))
        return frozenset(node.name for node in functions if any(map(syntax.is_metric, node.decorator_list)))

    def reached(self, wanted: Iterable[str]) -> set[str]:
        """Return the names of all definitions that ``wanted`` use, directly or through others, and of these."""
        by_name: dict[str, list[_Definition]] = {}
        for node in self.definitions:
            for name in _defined_by(node):
                by_name.setdefault(name, []).append(node)
        waiting, found = list(wanted), set[str]()
        while waiting:
            name = waiting.pop()
            if name in found or name not in by_name:
                continue
            found.add(name)
            for node in by_name[name]:
                waiting += {*_names_in(node), *_gates_in(node)}
        return found

    def lines_of(self, node: _Definition) -> str:
        """Return a definition as it is written, with its decorators and the comments inside it."""
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(one.lineno for one in decorators)])
        last = node.end_lineno or node.lineno
        others = [one for one in self.tree.body if one is not node]
        if any(one.lineno <= last and first <= (one.end_lineno or one.lineno) for one in others):
            raise CourseError(f"{self.path}:{first}: put each statement on a line of its own")
        return "\n".join(self.text.split("\n")[first - 1 : last])


def _defined_by(node: _Definition) -> list[str]:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [inner.id for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)]
    return [node.name]


def _names_in(node: ast.AST) -> Iterator[str]:
    return (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _gates_in(node: ast.AST) -> Iterator[str]:
    """Yield the names in ``gates.require("NAME", ...)``: the metric of this name is run."""
    for call in (inner for inner in ast.walk(node) if isinstance(inner, ast.Call)):
        if check_file.called_name(call.func) == "require" and call.args and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


def _import_of(node: ast.Import | ast.ImportFrom, used: set[str]) -> ast.Import | ast.ImportFrom | None:
    """Return an import with only the names that are used; None if none is."""
    names = [alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) in used]
    if isinstance(node, ast.ImportFrom):
        return ast.ImportFrom(node.module, names, node.level) if names or node.module == "__future__" else None
    return ast.Import(names) if names else None


def _read(nodes: Iterable[ast.AST]) -> dict[str, frozenset[str]]:
    """Return the attributes that are read of each name, and of its attributes.

    ``expected.A`` gives A of expected; ``datasets.ratings.table`` gives table of ``datasets.ratings``, too.
    """
    found: dict[str, set[str]] = {}
    for node in (inner for top in nodes for inner in ast.walk(top)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            found.setdefault(ast.unparse(node.value), set()).add(node.attr)
    return {name: frozenset(attributes) for name, attributes in found.items()}
