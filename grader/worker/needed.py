"""Find out which statements at the top level of a file some of its names need, directly or through others.

A name is asked for *at a time*: a statement needs the values that stand before it, a function those at the time it is
called. The grader calls functions at the end; a statement that is needed calls them where it stands. So of a name that
is bound often, only the last binding before that time counts, with all that change it on the way.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator

from .statements import Statement

_Ask = tuple[str, int, bool]  # a name, the time (before which statement), whether a function asks for it


class Need:
    """The statements that ``names`` need: their numbers, in ``statements``."""

    def __init__(self, statements: list[Statement], names: Collection[str], *, sets_globals: bool = True) -> None:
        """Follow ``names``; ``sets_globals`` is False if no function of the file has a ``global`` statement."""
        self._all = statements
        self._binding: dict[str, list[int]] = defaultdict(list)
        self._naming: dict[str, list[int]] = defaultdict(list)  # statements in which a name occurs
        self._setting: dict[str, set[str]] = defaultdict(set)  # global name → the functions that set it
        self._defined = {name for one in statements if one.is_definition for name in one.binds}
        self._imported = {name for one in statements if one.is_import for name in one.binds}
        self.statements: set[int] = set()
        self._seen: set[tuple[int, int]] = set()
        self._asked: set[_Ask] = set()
        self._asks: list[_Ask] = [(name, len(statements), True) for name in names]
        self._index(sets_globals=sets_globals)
        for number, one in enumerate(statements):
            if one.code and (one.is_import or one.sets_up(self._imported)):
                self._take(number, number)
        self._follow()

    def _index(self, *, sets_globals: bool) -> None:
        for number, one in enumerate(self._all):
            if one.is_main:
                continue
            for name in one.binds:
                self._binding[name].append(number)
            for name in one.code.co_names if one.code else ():
                self._naming[name].append(number)
            if sets_globals and one.is_definition:
                for name in one.sets_globals:
                    self._setting[name] |= one.binds

    def _follow(self) -> None:
        while self._asks:
            ask = self._asks.pop()
            if ask in self._asked:
                continue
            self._asked.add(ask)
            name, time, by_function = ask
            for number in self._answers(name, time, by_function=by_function):
                self._take(number, time)

    def _answers(self, name: str, time: int, *, by_function: bool) -> Iterator[int]:
        """Yield the statements that give ``name`` its value before ``time``."""
        bindings = self._binding.get(name, [])
        if by_function and name in self._defined:  # `loss = loss(x)` makes no function of it
            bindings = [number for number in bindings if self._all[number].keeps_callable(name)]
        before = bindings[: bisect_left(bindings, time)] or bindings  # a notebook's cells were run in any order
        start = 0
        for number in reversed(before):
            yield number
            if self._all[number].replaces:
                start = number
                break
        yield from (number for number in self._changing(name) if start < number < time or before is bindings)

    def _changing(self, name: str) -> list[int]:
        """Return the statements that change the value of ``name`` without binding it at the top level."""
        if name in self._imported:
            return []  # these set up a library
        functions = self._setting.get(name, ())
        naming = {*self._naming[name], *(number for each in functions for number in self._naming[each])}
        return sorted(number for number in naming if self._changes(self._all[number], name, functions))

    def _changes(self, one: Statement, name: str, setters: Collection[str]) -> bool:
        if one.is_definition or name in one.binds:
            return False
        return name in one.changes or not one.uses.isdisjoint(setters)

    def _take(self, number: int, time: int) -> None:
        one = self._all[number]
        if number not in self.statements:
            self.statements.add(number)
            self._asks += [(name, number, False) for name in one.uses]
        if (number, time) not in self._seen:
            self._seen.add((number, time))
            self._asks += [(name, time, True) for name in one.uses_when_called]
            if not one.is_definition:  # a lambda may be called at once
                self._asks += [(name, number, True) for name in one.uses_when_called]
