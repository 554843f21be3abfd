"""Run a file of the submission: whole, or its definitions without the show.

A script or a notebook trains, plots, downloads and asks at its top level. `run_definitions` runs what the functions
that are graded need (`needed`), and all imports, and nothing else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from .loaded_lines import remember, remember_failure
from .needed import Need
from .parsing import parsed
from .source_text import Source, Unreadable
from .statements import Statement, run_code, statements_of

NOT_NEEDED = "nothing that is graded needs it"
MAIN = 'it stands below `if __name__ == "__main__":`'
_MOST_STATEMENTS = 20_000
_LONGEST_REASON = 300  # characters
_HAS_GLOBAL = re.compile(r"^\s*global\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class NotRun:
    """Lines of a file that were not run, from ``first`` to ``last``, and why; ``cell`` is 0 in a file without cells."""

    path: str
    first: int
    last: int
    cell: int = 0
    why: str = ""


def run_whole(source: Source, module: ModuleType) -> None:
    """Run a file from top to bottom in ``module``; raises whatever it raises."""
    filename = _filename(source, module)
    remember(filename, source)
    # Without dont_inherit the code would get the __future__ imports of this file.
    run_code(compile(source.text, filename, "exec", dont_inherit=True), module)


def run_definitions(source: Source, module: ModuleType, names: Collection[str]) -> tuple[NotRun, ...]:
    """Run in ``module`` only what ``names`` need, and return the lines that were not run.

    These are all imports, what sets up a library or a seed, functions and classes, and the statements that define or
    change what ``names`` use, directly or through others; never what stands below ``if __name__ == "__main__":``. A
    statement that raises is left out. A function or class of ``names`` whose own definition raised is there, and raises
    the same when it is called.

    Raises:
        SyntaxError: the file is not valid Python.
        Unreadable: it is too large to be looked through.
    """
    filename = _filename(source, module)
    remember(filename, source)
    tree = _tree(source, filename)
    if len(tree.body) > _MOST_STATEMENTS:
        raise Unreadable(f"{source.path} has more than {_MOST_STATEMENTS} statements, which is too many.")
    statements = statements_of(tree, filename)
    need = Need(statements, names, sets_globals=bool(_HAS_GLOBAL.search(source.text)))
    running = _Running(source, module, statements)
    running.run(need.statements)
    running.stand_in_for(names)
    return tuple(running.left_out())


def _filename(source: Source, module: ModuleType) -> str:
    return str(getattr(module, "__file__", None) or source.path)


def _tree(source: Source, filename: str) -> ast.Module:
    try:
        return parsed(source.text)
    except SyntaxError as error:
        error.filename = filename
        raise


class _Running:
    """Runs chosen statements of one file, in order."""

    def __init__(self, source: Source, module: ModuleType, statements: list[Statement]) -> None:
        self._source = source
        self._module = module
        self._statements = statements
        self._failed: dict[int, BaseException] = {}
        self._ran: set[int] = set()
        self._defined: dict[str, Any] = {}

    def run(self, needed: set[int]) -> None:
        """Run the needed statements, and every other definition that calls nothing."""
        for number, one in enumerate(self._statements):
            if number in needed or (one.is_definition and not one.calls_when_defined):
                self._run(number)
        # In a notebook a cell further down may have been run first.
        for number in [number for number, error in self._failed.items() if isinstance(error, NameError)]:
            self._run(number)
        self._keep_functions()
        self._remember_failures()

    def stand_in_for(self, names: Collection[str]) -> None:
        """Bind each of ``names`` whose definition failed to a function that raises the same."""
        for number, error in self._failed.items():
            one = self._statements[number]
            for name in one.binds.intersection(names) if one.is_definition else ():
                vars(self._module).setdefault(name, _raising(error))

    def left_out(self) -> Iterator[NotRun]:
        """Yield the lines that were not run; neighbours with one reason together."""
        previous: NotRun | None = None
        for number, one in enumerate(self._statements):
            if one.is_empty:
                continue
            if number in self._ran:
                yield from [previous] if previous else []
                previous = None
                continue
            this = self._not_run(number)
            if previous and (previous.cell, previous.why) == (this.cell, this.why):
                previous = NotRun(this.path, previous.first, this.last, this.cell, this.why)
                continue
            yield from [previous] if previous else []
            previous = this
        yield from [previous] if previous else []

    def _run(self, number: int) -> None:
        one = self._statements[number]
        try:
            one.run(self._module)
        except BaseException as error:  # noqa: BLE001 -- exit() in a script stops nothing else
            self._failed[number] = error
            return
        self._failed.pop(number, None)
        self._ran.add(number)
        for name in one.binds:
            if one.keeps_callable(name):
                self._defined[name] = vars(self._module).get(name)

    def _keep_functions(self) -> None:
        """Give back its name to a function that was overwritten by its own result (``loss = loss(x)``)."""
        defined = {
            name for number in self._ran for name in self._statements[number].binds if self._is_definition(number)
        }
        for name in defined:
            if callable(self._defined.get(name)) and not callable(vars(self._module).get(name)):
                vars(self._module)[name] = self._defined[name]

    def _is_definition(self, number: int) -> bool:
        return self._statements[number].is_definition

    def _remember_failures(self) -> None:
        for number, error in self._failed.items():
            cell, line = self._source.place_of(self._statements[number].node.lineno)
            where = f"line {line} of {f'cell {cell} of ' if cell else ''}{self._source.path}"
            for name in self._statements[number].binds - vars(self._module).keys():
                remember_failure(name, error, where)

    def _not_run(self, number: int) -> NotRun:
        one = self._statements[number]
        cell, first = self._source.place_of(min([one.node.lineno, *_decorator_lines(one.node)]))
        last_cell, last = self._source.place_of(one.node.end_lineno or one.node.lineno)
        why = MAIN if one.is_main else NOT_NEEDED
        if number in self._failed:
            why = _reason(self._failed[number])
        return NotRun(self._source.path, first, last if last_cell == cell else first, cell, why)


def _decorator_lines(node: ast.stmt) -> list[int]:
    return [decorator.lineno for decorator in getattr(node, "decorator_list", [])]


def _reason(error: BaseException) -> str:
    try:
        words = f"it raised {type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 -- an exception of the student's own, whose __str__ raises
        words = "it raised an exception"
    return words.partition("\n")[0].rstrip(": ")[:_LONGEST_REASON]


def _raising(error: BaseException) -> Any:
    trace = error.__traceback__

    def cannot_be_called(*_: Any, **__: Any) -> Any:
        raise error.with_traceback(trace)

    return cannot_be_called
