"""Call a student's function with the reference's arguments, whatever the student called its parameters.

Checks pass options by the names of the reference: ``num_epochs=200``. A student may have called the parameter
``epochs``, ``numepochs`` or ``N``: then the option goes to the parameter with a like name, else to the one in its place.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_VARIADIC = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


class CannotCall(TypeError):
    """A function that does not take the assignment's arguments: ``problem`` says which kind, ``names`` are parameters."""

    def __init__(self, problem: str, names: Sequence[str], signature: str) -> None:
        super().__init__(signature)
        self.problem = problem
        self.names = tuple(names)


def arranged(
    function: Callable[..., Any], parameters: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments as ``function`` takes them; ``parameters`` are the reference's names, in order.

    Raises CannotCall where it takes fewer arguments, or needs another one.
    """
    if not parameters:
        return list(args), dict(kwargs)
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # something written in C: it says itself what is wrong
        return list(args), dict(kwargs)
    if _binds(signature, args, kwargs):
        return list(args), dict(kwargs)
    args, kwargs = _by_their_names(signature, parameters, list(args), dict(kwargs))
    if _binds(signature, args, kwargs):
        return args, kwargs
    raise _problem(signature, parameters, args, kwargs)


def _binds(signature: inspect.Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _by_their_names(
    signature: inspect.Signature, parameters: Sequence[str], args: list[Any], kwargs: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Give every argument to the student's parameter that it is meant for, as far as that can be told."""
    theirs = list(signature.parameters.values())
    positional = [one.name for one in theirs if one.kind in _BY_POSITION]
    room = len(args) if any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in theirs) else len(positional)
    free = [one.name for one in theirs if one.kind not in _VARIADIC and one.name not in positional[: len(args)]]
    # More positional arguments than there is room for: the rest may go to parameters after a star.
    waiting = dict(zip(parameters[room:], args[room:], strict=False)) | kwargs
    given = {name: waiting.pop(name) for name in tuple(waiting) if name in free}
    free = [name for name in free if name not in given and name not in parameters]
    for name in tuple(waiting):
        if like := next((one for one in free if _alike(name, one)), None):
            given[like] = waiting.pop(name)
            free.remove(like)
    for name in tuple(waiting):
        place = parameters.index(name) if name in parameters else len(positional)
        if place < len(positional) and positional[place] in free:
            given[positional[place]] = waiting.pop(name)
            free.remove(positional[place])
    if len(waiting) == len(free) == 1:
        given[free[0]] = waiting.popitem()[1]
    return _positional_only_first(signature, args[:room], given | waiting)


def _positional_only_first(
    signature: inspect.Signature, args: list[Any], given: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Pass by position what cannot be passed by name."""
    for one in list(signature.parameters.values())[len(args) :]:
        if one.kind is not inspect.Parameter.POSITIONAL_ONLY or one.name not in given:
            break
        args = [*args, given.pop(one.name)]
    return args, given


def _alike(ours: str, theirs: str) -> bool:
    """Return whether two names mean the same: ``num_epochs`` and ``epochs``, ``lr`` and ``learning_rate``."""
    a, b = _plain(ours), _plain(theirs)
    if min(len(a), len(b)) > 2 and (a in b or b in a):
        return True
    return a in (b, _initials(theirs)) or b == _initials(ours)


def _plain(name: str) -> str:
    return name.casefold().replace("_", "")


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.split(r"_+", name.casefold()) if word)


def _problem(
    signature: inspect.Signature, parameters: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> CannotCall:
    theirs = [one for one in signature.parameters.values() if one.kind not in _VARIADIC]
    named = [one.name for one in theirs]
    positional = [one.name for one in theirs if one.kind in _BY_POSITION]
    # Without the defaults, whose text is whatever a student's object says it is.
    plain = f"({', '.join(_VARIADIC.get(one.kind, '') + one.name for one in signature.parameters.values())})"
    lacking = [*parameters[len(positional) : len(args)], *(name for name in kwargs if name not in named)]
    if lacking:
        return CannotCall("too_few", lacking, plain)
    given = {*positional[: len(args)], *kwargs}
    return CannotCall("too_many", [one.name for one in theirs if one.default is one.empty and one.name not in given], plain)
