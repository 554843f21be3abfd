"""What each statement at the top level of a file defines, uses and changes.

Names come from the compiled code, not from the syntax tree: Python's own compiler knows best which names are global.
"""

from __future__ import annotations
import __future__ as future

import ast
import dis
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.abc import InspectLoader
from types import CodeType, ModuleType

from .changes import at_once, call_sets_up, changed_by, keeps_callable, root_of

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Import = ast.Import | ast.ImportFrom
_RUN_AT_ONCE = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}
_LOADS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}
_STORES = {"STORE_NAME", "STORE_GLOBAL"}


@dataclass(eq=False)
class Statement:
    """One statement at the top level, compiled by itself; ``code`` is None if it cannot be compiled (``error``)."""

    node: ast.stmt
    code: CodeType | None
    error: BaseException | None = None
    _functions: list[CodeType] = field(default_factory=list)

    @classmethod
    def of(cls, node: ast.stmt, filename: str, flags: int) -> Statement:
        """Compile a statement; ``flags`` are the file's ``from __future__`` imports."""
        try:
            code = compile(ast.Module([node], []), filename, "exec", flags=flags, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return cls(node, None, error)
        return cls(node, code)

    def run(self, module: ModuleType) -> None:
        """Run it in ``module``; raises whatever it raises, or why it could not be compiled."""
        if self.error:
            raise self.error
        assert self.code is not None
        run_code(self.code, module)

    @property
    def is_definition(self) -> bool:
        """Whether it defines a function or a class."""
        return isinstance(self.node, _Definition)

    @property
    def is_import(self) -> bool:
        """Whether it is an import."""
        return isinstance(self.node, _Import)

    @property
    def is_main(self) -> bool:
        """Whether it is ``if __name__ == "__main__":``."""
        if not isinstance(self.node, ast.If):
            return False
        parts = [*ast.walk(self.node.test)]
        names = any(isinstance(part, ast.Name) and part.id == "__name__" for part in parts)
        return names and any(isinstance(part, ast.Constant) and part.value == "__main__" for part in parts)

    @property
    def is_empty(self) -> bool:
        """Whether it does nothing: ``pass``, a docstring."""
        return isinstance(self.node, ast.Pass) or (
            isinstance(self.node, ast.Expr) and isinstance(self.node.value, ast.Constant)
        )

    @cached_property
    def binds(self) -> frozenset[str]:
        """The names that it binds at the top level."""
        if self.code:
            return frozenset(_stored(self.code))
        stored = (
            part for part in ast.walk(self.node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        )
        return frozenset(part.id for part in stored)

    @cached_property
    def replaces(self) -> bool:
        """Whether it surely gives its names a new value, so that older ones no longer matter."""
        return self.is_definition or self.is_import or isinstance(self.node, ast.Assign | ast.AnnAssign)

    @cached_property
    def uses(self) -> frozenset[str]:
        """The global names that it needs when it is run, without those in the bodies of functions."""
        return frozenset(self._walk_at_once())

    @cached_property
    def uses_when_called(self) -> frozenset[str]:
        """The global names that the functions it makes need when they are called."""
        assert self.uses is not None  # which finds the functions
        names = set[str]()
        waiting = list(self._functions)
        while waiting:
            code = waiting.pop()
            names |= set(_loaded(code))
            waiting += _inside(code)
        return frozenset(names)

    @cached_property
    def sets_globals(self) -> frozenset[str]:
        """The global names that the functions it makes bind when they are called (``global x``)."""
        assert self.uses is not None
        names, waiting = set[str](), list(self._functions)
        while waiting:
            code = waiting.pop()
            names |= {one.argval for one in dis.get_instructions(code) if one.opname == "STORE_GLOBAL"}
            waiting += _inside(code)
        return frozenset(names)

    @cached_property
    def changes(self) -> frozenset[str]:
        """The names whose values it changes without binding them: ``x.append(1)``, ``x[0] = 1``, ``x.eval()``."""
        return frozenset(changed_by(self.node)) if not (self.is_definition or self.is_import) else frozenset()

    def sets_up(self, modules: frozenset[str] | set[str]) -> bool:
        """Whether it sets up a library or a seed: ``torch.manual_seed(0)``, ``os.environ["X"] = "1"``, ``set_seed(1)``.

        ``modules`` are the names that imports of the file bind.
        """
        if isinstance(self.node, ast.Expr):
            return isinstance(self.node.value, ast.Call) and call_sets_up(self.node.value, modules)
        if isinstance(self.node, ast.Assign | ast.AugAssign):
            targets = self.node.targets if isinstance(self.node, ast.Assign) else [self.node.target]
            return all(not isinstance(one, ast.Name) and root_of(one) in modules for one in targets)
        return False

    def keeps_callable(self, name: str) -> bool:
        """Whether it may bind ``name`` to a function again: ``f = torch.compile(f)`` does, ``f = f(3)`` does not."""
        if not isinstance(self.node, ast.Assign):
            return self.is_definition or self.is_import
        return keeps_callable(self.node.value, name)

    @cached_property
    def calls_when_defined(self) -> bool:
        """Whether a definition calls something when it is run: in a decorator, a default, the body of a class."""
        return any(isinstance(part, ast.Call) for part in at_once(self.node))

    def _walk_at_once(self) -> Iterator[str]:
        """Yield the names that are needed at once; collect the code of the functions that are made."""
        waiting = [self.code] if self.code else []
        while waiting:
            code = waiting.pop()
            yield from _loaded(code)
            for inner in _inside(code):
                at_once = inner.co_name in _RUN_AT_ONCE or _is_class_body(inner)
                (waiting if at_once else self._functions).append(inner)


class _Compiled(InspectLoader):
    """Runs compiled code in a module as Python itself does when it imports one."""

    def __init__(self, code: CodeType) -> None:
        self._code = code

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 -- importlib's signature
        """Return the code, whatever the module is called."""
        return self._code

    def get_source(self, fullname: str) -> None:
        """Return no source: `loaded_lines` knows it."""


def run_code(code: CodeType, module: ModuleType) -> None:
    """Run compiled code in ``module``; raises whatever it raises."""
    _Compiled(code).exec_module(module)


def statements_of(tree: ast.Module, filename: str) -> list[Statement]:
    """Return the statements at the top level of a file, in order."""
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                feature = getattr(future, alias.name, None)
                flags |= feature.compiler_flag if feature else 0
    return [Statement.of(node, filename, flags) for node in tree.body]


def _loaded(code: CodeType) -> Iterator[str]:
    """Yield the global names that a piece of code reads; a class body's own names are not among them."""
    bound = set[str]()
    for one in dis.get_instructions(code):
        if one.opname in _LOADS and one.argval not in bound:
            yield one.argval
        elif one.opname == "STORE_NAME":
            bound.add(one.argval)


def _stored(code: CodeType) -> Iterator[str]:
    # A walrus in a comprehension binds a global, too.
    waiting = [code]
    while waiting:
        one = waiting.pop()
        waiting += [inner for inner in _inside(one) if inner.co_name in _RUN_AT_ONCE]
        yield from (each.argval for each in dis.get_instructions(one) if each.opname in _STORES)


def _inside(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _is_class_body(code: CodeType) -> bool:
    return "__module__" in code.co_names and "__qualname__" in code.co_names
