"""Compare what a student returned with what is right, without running any code of theirs."""

from __future__ import annotations

from typing import Any


def alike(actual: Any, expected: Any) -> bool:
    """Compare value and type all the way down, without calling ``==`` of an object from the student's side."""
    if type(actual) is not type(expected):
        return False
    if isinstance(expected, (list, tuple)):
        return len(actual) == len(expected) and all(alike(a, e) for a, e in zip(actual, expected, strict=True))
    return bool(actual == expected)
