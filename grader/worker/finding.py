"""Find the functions that a part asks for among all files of a submission, without running them.

A student's function may have the template's name, an alias, another spelling, or a name that a pattern of the part
matches; it may be in any file. `choose` ranks the candidates. What is only declared here (a stub, a function that
cannot take the arguments) loses to a function somebody wrote.
"""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_SPELLINGS = ((re.compile("iz(?=e|a|i)"), "is"), (re.compile("our"), "or"), (re.compile("yz(?=e)"), "ys"))
# Calls whose result is a function: `fit = torch.compile(fit_slowly)`. Any other assignment binds a value.
_MAKES_FUNCTION = {"partial", "compile", "script", "jit", "trace", "wraps", "vmap", "no_grad", "lru_cache", "cache"}
_UNKNOWN = 1_000  # parameters of something whose parameters cannot be read: any number


@dataclass(frozen=True, slots=True)
class Wanted:
    """One entry point: the names it may have, and the positional parameters that the reference has for it.

    ``required`` of the parameters have no default. ``reserved`` are names of other entry points: no alias and no
    pattern takes a function that has one of them.
    """

    name: str
    aliases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    required: int = 0
    reserved: frozenset[str] = frozenset()

    @classmethod
    def all_of(cls, entry_points: dict[str, Any], search: dict[str, Any]) -> dict[str, Wanted]:
        """Return what a load request asks for, by entry point."""
        taken = {
            *search.get("reserved", ()),
            *entry_points,
            *(alias for names in entry_points.values() for alias in names),
        }
        return {
            name: cls(
                name,
                tuple(aliases),
                tuple(search.get("patterns", {}).get(name, ())),
                tuple(search.get("parameters", {}).get(name, ())),
                search.get("required", {}).get(name, 0),
                frozenset(_spelt(other) for other in taken - {name, *aliases}),
            )
            for name, aliases in entry_points.items()
        }


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class at the top level of a file, the last of its name; ``is_stub`` if nothing was written yet."""

    name: str
    path: str
    line: int
    is_stub: bool = False
    required: int = 0
    most: int = _UNKNOWN

    def fit(self, wanted: Wanted) -> int:
        """Return how well it takes the reference's arguments: 2 all of them, 1 the required ones, 0 not even those."""
        if not wanted.parameters:
            return 2
        if not (self.required <= wanted.required <= self.most):
            return 0
        return 2 if len(wanted.parameters) <= self.most else 1


def definitions(tree: ast.Module, path: str) -> tuple[Definition, ...]:
    """Return the functions and classes that a file binds at its top level, also below ``if``, ``try`` and ``with``."""
    found: dict[str, Definition] = {}
    for statement in _top_level(tree.body):
        for name, value in _bound(statement):
            # `loss = loss(A, U, V)` takes no function away: what somebody wrote is still there.
            if made := _definition(name, value, path, statement.lineno):
                found[name] = made
    return tuple(found.values())


def assigned(tree: ast.Module) -> frozenset[str]:
    """Return the names that a file binds to anything at its top level."""
    return frozenset(name for statement in _top_level(tree.body) for name, _ in _bound(statement))


def choose(wanted: Wanted, candidates: Collection[Definition], own: str = "") -> list[Definition]:
    """Return the candidates for an entry point, the best first; ``own`` is the part's own file.

    A name of the template comes first, then an alias or another spelling of it, then a pattern. A stub comes after
    everything that somebody wrote, and last what cannot be called with the required arguments.
    """
    ranked = [(rank, one) for one in candidates if (rank := _rank(wanted, one)) is not None]
    # Of two copies the later one comes first: `lab1-2.py`, `lab1_final.ipynb`.
    ranked.sort(key=lambda pair: pair[1].path, reverse=True)
    ranked.sort(key=lambda pair: (pair[0], pair[1].path != own, -pair[1].fit(wanted), pair[1].path.count("/")))
    return [one for _, one in ranked]


def _rank(wanted: Wanted, one: Definition) -> tuple[int, int] | None:
    """Return the rank of a candidate by name, stub and fit; None if its name is another one."""
    fits = one.fit(wanted) > 0
    if one.name == wanted.name:
        return (3 if one.is_stub else 0), 0
    if _spelt(one.name) in wanted.reserved:
        return None
    names = (wanted.name, *wanted.aliases)
    if _spelt(one.name) in map(_spelt, names):
        place = next(place for place, name in enumerate(names) if _spelt(one.name) == _spelt(name))
        return (4 if one.is_stub else 1 if fits else 5), place
    matching = (place for place, pattern in enumerate(wanted.patterns) if _matches(one.name, pattern))
    place = next(matching, -1)
    if place < 0 or one.is_stub:
        return None
    # `*_mask*` fits many a helper: only one that takes everything can be meant.
    least = 2 if set("*?[") & set(wanted.patterns[place]) else 1
    return (2, place) if one.fit(wanted) >= least else None


def _matches(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name.casefold(), pattern.casefold())


def _spelt(name: str) -> str:
    """Return a name as all its spellings have it: ``sgdFactorize`` and ``sgd_factorise`` are one."""
    plain = name.casefold().replace("_", "")
    for spelling, replacement in _SPELLINGS:
        plain = spelling.sub(replacement, plain)
    return plain


def _top_level(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test):
            continue  # `if __name__ == "__main__"`: not run
        if isinstance(statement, ast.If | ast.Try | ast.With):
            for part in ("body", "orelse", "handlers", "finalbody"):
                for inner in getattr(statement, part, ()):
                    yield from _top_level(inner.body if isinstance(inner, ast.ExceptHandler) else [inner])
        else:
            yield statement


def _bound(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that a statement binds, each with what it is bound to."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name, statement
        case ast.Assign(targets=targets, value=value):
            yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value


def _definition(name: str, value: ast.AST, path: str, line: int) -> Definition | None:
    match value:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            required, most = _counts(value.args)
            return Definition(name, path, line, _is_stub(value), required, most)
        case ast.ClassDef():
            makers = [node for node in value.body if isinstance(node, _Function) and node.name == "__init__"]
            required, most = _counts(makers[-1].args) if makers else (1, _UNKNOWN)
            return Definition(name, path, line, bool(makers) and _is_stub(makers[-1]), required - 1, most - 1)
        case ast.Lambda(args=arguments):
            return Definition(name, path, line, False, *_counts(arguments))
        case ast.Call(func=ast.Name(id=maker) | ast.Attribute(attr=maker)) if maker in _MAKES_FUNCTION:
            return Definition(name, path, line)
    return None


def _counts(arguments: ast.arguments) -> tuple[int, int]:
    """Return how many arguments a function needs, and how many it can take (by position or by name)."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    needed = positional - len(arguments.defaults) + sum(default is None for default in arguments.kw_defaults)
    most = _UNKNOWN if arguments.vararg or arguments.kwarg else positional + len(arguments.kwonlyargs)
    return needed, most


def _is_stub(function: _Function) -> bool:
    """Return whether the body is only a docstring and ``raise NotImplementedError``, ``pass`` or ``...``."""
    body = [node for node in function.body if not _is_constant(node)]
    if not body:
        return True
    if len(body) > 1:
        return False
    match body[0]:
        case ast.Pass():
            return True
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name == "NotImplementedError"
    return False


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
