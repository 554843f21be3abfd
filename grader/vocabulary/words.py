"""Words for a student about a value: its name, type, shape and place.

A shape, a type or a length may be what a student chose, and so say something with it. Only those that the check expects
stand in a message, which students see of hidden checks too; the rest goes into the detail.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import torch

from grader.errors import Mismatch
from grader.sandbox.calls import Remote

MISSING = "{name} is None. Does every path through your function end with `return`?"
_MOST_TOLD = 4  # dimensions of a shape


def quoted(name: str) -> str:
    """Return a name as a sentence begins with it: code in backticks, words ("the loss at rank 2") with a capital."""
    return name[0].upper() + name[1:] if " " in name and "(" not in name else f"`{name}`"


def other_shape(value: torch.Tensor, wanted: Sequence[int], name: str) -> Mismatch:
    """Say that a tensor does not have the wanted shape."""
    is_told = may_be_told(value.shape, {0, 1, *wanted})
    words = f"shape {shape(value.shape)}" if is_told else "another shape"
    detail = "" if is_told else f"Its shape is {shape(value.shape)}."
    return Mismatch(f"{quoted(name)} has {words}, expected {shape(wanted)}.", detail=detail)


def other_type(subject: str, value: Any, expected: str) -> Mismatch:
    """Say what a value is instead of what was expected."""
    detail = ""
    if isinstance(value, Remote):
        detail = f"Its type is {value.type_name}."
    elif isinstance(value, torch.Tensor):
        detail = f"Its shape is {shape(value.shape)}."
    return Mismatch(f"{subject} {described(value)}, {expected}", detail=detail)


def described(value: Any) -> str:
    """Describe a value by its type, and a tensor by its shape where that may be told."""
    if isinstance(value, Remote):
        return value.words
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {shape(value.shape)}" if may_be_told(value.shape, range(4)) else "a tensor"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def may_be_told(sizes: Sequence[int], known: Collection[int]) -> bool:
    """Return whether a shape is short and has known sizes only, so that a student cannot say something with it."""
    return len(sizes) <= _MOST_TOLD and all(size in known for size in sizes)


def shape(sizes: Sequence[int]) -> str:
    """Return a shape as Python shows it."""
    return str(tuple(int(n) for n in sizes))


def first(mask: torch.Tensor) -> tuple[int, ...]:
    """Return the first place where a boolean tensor is True."""
    return tuple(int(i) for i in torch.nonzero(mask)[0]) if mask.dim() else ()


def place(name: str, at: tuple[int, ...]) -> str:
    """Return a name with an index behind it: ``S[0, 2]``."""
    return f"{name}[{', '.join(str(i) for i in at)}]" if at else name
