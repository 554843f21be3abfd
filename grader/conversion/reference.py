"""Make the reference of a part from a notebook's definitions, and the file of given functions beside it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from grader.conversion.definitions import Definitions, Function
from grader.conversion.worksheet import Told, Worksheet

STAR = "*"  # the name that `from module import *` binds


@dataclass(frozen=True)
class Reference:
    """``text`` of the reference, ``given`` of the utilities beside it ("" if there are none), what it can be asked.

    ``classes`` are the entry points that are classes.
    """

    text: str
    given: str
    functions: frozenset[str]
    classes: frozenset[str]
    told: tuple[Told, ...]


def reference(sheet: Worksheet, found: Definitions) -> Reference:
    """Return the reference of a notebook: every function that students write, with what it needs."""
    blocked = _blocked(found)
    written = [one for one in found.functions.values() if one.written and one.name not in blocked]
    needed = _needed(written, found)
    private = [one for one in found.functions.values() if not one.written and one.name in needed and _is_private(one)]
    public = [
        one for one in found.functions.values() if not one.written and one.name in needed and not _is_private(one)
    ]
    names = [one.name for one in public]
    beside = [f"from _{sheet.name} import {', '.join(names)}"] if names else []
    text = _file(_docstring(sheet.title, sheet.text), [*private, *written], found, beside)
    given = _file(f'"""What students are given for {sheet.name}."""', public, found, []) if public else ""
    entries = [one for one in written if not one.name.startswith("_")]
    return Reference(
        text=text,
        given=given,
        functions=frozenset(one.name for one in entries if not one.is_class),
        classes=frozenset(one.name for one in entries if one.is_class),
        told=tuple(_told(found, blocked, names)),
    )


def _told(found: Definitions, blocked: dict[str, str], given: list[str]) -> Iterator[Told]:
    for one in found.functions.values():
        kind = "class" if one.is_class else "function"
        if one.name in blocked:
            yield Told(f"{kind} {one.name}", note=blocked[one.name])
        elif one.written:
            yield Told(f"{kind} {one.name}", "an entry point" if not _is_private(one) else "a helper of the reference")
        elif one.name in given:
            yield Told(f"{kind} {one.name}", "given to students, beside the reference")
    yield from found.told


def _is_private(one: Function) -> bool:
    return one.name.startswith("_")


def _blocked(found: Definitions) -> dict[str, str]:
    """Return the functions that cannot stand in a file of their own, each with the reason."""
    blocked: dict[str, str] = {}
    known = {*found.functions, *found.imports, *found.constants}
    for one in found.functions.values():
        for name in sorted(one.reads - known):
            if name in found.computed:
                blocked[one.name] = f"it reads the variable `{name}`: pass that as an argument"
            elif STAR not in found.imports:
                blocked[one.name] = f"it reads `{name}`, which no cell defines"
    while more := {
        one.name: f"it calls `{min(one.reads & blocked.keys())}`, which was not taken over"
        for one in found.functions.values()
        if one.name not in blocked and one.reads & blocked.keys()
    }:
        blocked |= more
    for one in found.functions.values():
        if not one.written and (students := sorted(one.reads & found.entry_points.keys())):
            blocked[one.name] = f"it is given, and calls `{students[0]}`, which students write"
    return blocked


def _needed(written: Iterable[Function], found: Definitions) -> set[str]:
    """Return the functions that these need, and that those need in turn."""
    needed: set[str] = set()
    waiting = [name for one in written for name in one.reads]
    while waiting:
        name = waiting.pop()
        if name in found.functions and name not in needed:
            needed.add(name)
            waiting += found.functions[name].reads
    return needed


def _file(docstring: str, functions: list[Function], found: Definitions, beside: list[str]) -> str:
    reads = {name for one in functions for name in one.reads}
    constants = _constants(reads, found)
    reads |= {name for text in constants for name in _names_in(text)}
    pieces = [docstring]
    if imports := [*_imports(reads, found), *beside]:
        pieces.append("\n" + "\n".join(imports))
    if constants:
        pieces.append("\n" + "\n".join(constants))
    return "\n".join([*pieces, *(f"\n\n{one.text.strip()}" for one in functions)]) + "\n"


def _constants(names: Collection[str], found: Definitions) -> list[str]:
    """Return the given constants of these names, and those that they need, in the notebook's order."""
    needed, waiting = set[str](), [name for name in names if name in found.constants]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [other for other in _names_in(found.constants[name]) if other in found.constants]
    return [text for name, text in found.constants.items() if name in needed]


def _imports(names: Collection[str], found: Definitions) -> list[str]:
    return list(dict.fromkeys(text for name, text in found.imports.items() if name in names or name == STAR))


def _names_in(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _docstring(title: str, text: str) -> str:
    """Return a docstring that says what a text says; the first line is the title."""
    words = f"{title}.\n\n{text}\n" if text.strip() else f"{title}."
    if '"""' in words or words.endswith(("\\", '"')):
        return repr(words)
    raw = "r" if "\\" in words else ""
    return f'{raw}"""{words}"""'
