"""Call a student's function with the reference's arguments, whatever the student called its parameters.

Checks pass options by the names of the reference: ``num_epochs=200``. A student may have called the parameter
``epochs``, ``numepochs`` or ``N``: the option then goes to the parameter with a like name, else to the one in its
place.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_VARIADIC: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}

_Rule = Callable[
    [str, Any, inspect.Parameter], bool
]  # (our name, our value, their parameter): are they meant for each other?


class CannotCall(TypeError):
    """A function does not take the assignment's arguments: ``too_few`` parameters, or ``too_many`` without a default.

    ``names`` are the parameters it lacks, or those that get no argument.
    """

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
    raise _problem(signature, args, kwargs)


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
    theirs = [one for one in signature.parameters.values() if one.kind not in _VARIADIC]
    positional = [one.name for one in theirs if one.kind in _BY_POSITION]
    takes_more = any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in signature.parameters.values())
    room = len(args) if takes_more else len(positional)
    # More positional arguments than there is room for: the rest may go to parameters after a star.
    waiting = dict(zip(parameters[room:], args[room:], strict=False)) | kwargs
    free = {one.name: one for one in theirs if one.name not in positional[: len(args)]}
    given = {name: waiting.pop(name) for name in tuple(waiting) if free.pop(name, None)}
    free = {name: one for name, one in free.items() if name not in parameters}
    in_place = _in_place([one.name for one in theirs], parameters)
    of_its_type_there = _both(in_place, _of_its_type)
    for same in (_alike, of_its_type_there, _of_its_type, in_place):
        for name, value in tuple(waiting.items()):
            if theirs_for_it := next((one for one in free.values() if same(name, value, one)), None):
                given[theirs_for_it.name] = waiting.pop(name)
                free.pop(theirs_for_it.name)
    return _positional_only_first(signature, args[:room], given | waiting)


def _alike(ours: str, value: Any, theirs: inspect.Parameter) -> bool:  # noqa: ARG001 -- all rules have this signature
    """Return whether two names mean the same: ``num_epochs`` and ``epochs``, ``lr`` and ``learning_rate``."""
    a, b = _plain(ours), _plain(theirs.name)
    if min(len(a), len(b)) > 2 and (a in b or b in a):
        return True
    return a in (b, _initials(theirs.name)) or b == _initials(ours)


def _in_place(names: Sequence[str], parameters: Sequence[str]) -> _Rule:
    """Return the rule that a parameter in the same place is meant."""

    def is_there(ours: str, value: Any, theirs: inspect.Parameter) -> bool:  # noqa: ARG001 -- as above
        return ours in parameters and parameters.index(ours) == names.index(theirs.name)

    return is_there


def _of_its_type(ours: str, value: Any, theirs: inspect.Parameter) -> bool:  # noqa: ARG001 -- as above
    """Return whether a parameter's default is of the value's type: an int for epochs, a float for a rate."""
    return type(theirs.default) is type(value)


def _both(first: _Rule, second: _Rule) -> _Rule:
    return lambda ours, value, theirs: first(ours, value, theirs) and second(ours, value, theirs)


def _positional_only_first(
    signature: inspect.Signature, args: list[Any], given: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Pass by position what cannot be passed by name."""
    for one in list(signature.parameters.values())[len(args) :]:
        if one.kind is not inspect.Parameter.POSITIONAL_ONLY or one.name not in given:
            break
        args = [*args, given.pop(one.name)]
    return args, given


def _plain(name: str) -> str:
    return name.casefold().replace("_", "")


def _initials(name: str) -> str:
    words = re.split(r"_+|(?<=[a-z])(?=[A-Z])", name)
    return "".join(word[0] for word in words if word).casefold()


def _problem(signature: inspect.Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> CannotCall:
    theirs = [one for one in signature.parameters.values() if one.kind not in _VARIADIC]
    named = [one.name for one in theirs]
    positional = [one.name for one in theirs if one.kind in _BY_POSITION]
    # Without the defaults, whose text is whatever a student's object says it is.
    plain = f"({', '.join(_VARIADIC.get(one.kind, '') + one.name for one in signature.parameters.values())})"
    if lacking := [name for name in kwargs if name not in named]:
        return CannotCall("too_few", lacking, plain)
    given = {*positional[: len(args)], *kwargs}
    return CannotCall(
        "too_many", [one.name for one in theirs if one.default is one.empty and one.name not in given], plain
    )
