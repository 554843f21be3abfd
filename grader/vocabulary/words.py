"""Words for a student about a value: its name, type, shape and place.

A shape, a type or a length may be what a student chose, and so say something with it. Only those that the check expects
stand in a message, which students see of hidden checks too; the rest goes into the detail.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import torch

from grader.errors import Mismatch
from grader.sandbox.calls import Remote

MISSING = "{name} is None. Does every path through your function end with `return`?"
DIVERGED = "If steps are too long, too many, or lead uphill, values grow until they are inf or nan."
_MOST_TOLD = 4  # dimensions of a shape
_FEW = 10  # keys, items: so few may be told
# By how `described` begins: what to give instead of a tensor that cannot be compared, or of a table.
_TENSOR_INSTEAD = {
    "a sparse tensor": "expected a dense one (`.to_dense()` makes one).",
    "a tensor of dtype torch.complex": "expected one of real numbers.",
    "a tensor on the device": "expected one with values.",
    "a tensor of dtype": "expected one of an ordinary dtype, like torch.float32.",
    "a torch.Tensor of an unusual": "expected an ordinary one.",
    "a pandas ": "expected a torch.Tensor (torch.tensor(x.to_numpy()) makes one of x).",
}
_NAMES = {"NoneType": "None", "bytes": "bytes", "DataFrame": "a pandas DataFrame", "NamedValues": "a namedtuple"}


def quoted(name: str) -> str:
    """Return a name as a sentence begins with it: code in backticks, words ("the loss at rank 2") with a capital."""
    return name[0].upper() + name[1:] if " " in name and "(" not in name else f"`{name}`"


def other_shape(value: torch.Tensor, wanted: Sequence[int], name: str) -> Mismatch:
    """Say that a tensor does not have the wanted shape."""
    is_told = may_be_told(value.shape, {0, 1, *wanted})
    words = f"shape {shape(value.shape)}" if is_told else "another shape"
    detail = "" if is_told else f"Its shape is {shape(value.shape)}."
    is_transposed = len(wanted) == 2 and tuple(value.shape) == (wanted[1], wanted[0])
    advice = " It is transposed: swap its rows and columns." if is_transposed else ""
    return Mismatch(f"{quoted(name)} has {words}, expected {shape(wanted)}.{advice}", detail=detail)


def other_type(subject: str, value: Any, expected: str) -> Mismatch:
    """Say what a value is instead of what was expected."""
    return Mismatch(f"{subject} {described(value)}, {expected}", detail=more_of(value))


def more_of(value: Any) -> str:
    """Return a sentence with what `described` may not tell of a value: its type, shape or length."""
    if isinstance(value, Remote):
        return f"Its type is {value.type_name}."
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return f"Its shape is {shape(value.shape)}, its dtype {value.dtype}."
    if isinstance(value, (list, tuple, dict)):
        return f"Its length is {len(value)}."
    return ""


def described(value: Any) -> str:
    """Describe a value by its type, and by its shape or number of keys where that may be told."""
    if isinstance(value, Remote):
        return value.words
    if isinstance(value, (torch.Tensor, np.ndarray)):
        noun = "a tensor" if isinstance(value, torch.Tensor) else "a numpy array"
        return f"{noun} of shape {shape(value.shape)}" if _is_small(value.shape) else noun
    if isinstance(value, dict):
        return f"a dict with {len(value)} key{'' if len(value) == 1 else 's'}" if len(value) < _FEW else "a dict"
    name = type(value).__name__
    return _NAMES.get(name) or with_article(name)


def with_article(noun: str) -> str:
    """Return a noun behind “a” or “an”."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def tensor_instead(value: Any) -> str:
    """Say that a tensor was expected, and how one is made of what came."""
    if isinstance(value, np.ndarray):
        return "expected a torch.Tensor (torch.from_numpy converts)."
    told = described(value)
    return next((said for start, said in _TENSOR_INSTEAD.items() if told.startswith(start)), "expected a torch.Tensor.")


def list_instead(value: Any) -> str:
    """Say that a list of floats was expected, and how one is made of what came."""
    hint = " (`.tolist()` makes one)" if isinstance(value, (torch.Tensor, np.ndarray)) else ""
    return f"expected a list of floats{hint}."


def first_other(items: Sequence[Any], kinds: tuple[type, ...]) -> str:
    """Return a sentence with the first item of none of these types, and its place; empty where there is none."""
    found = ((place, item) for place, item in enumerate(items) if type(item) not in kinds)
    return next((f"Item {place} is {described(item)}." for place, item in found), "")


def in_order(value: Any, names: Sequence[str]) -> str:
    """Return how to give back several values, for who gave them in a dict or an object; empty for anything else."""
    if isinstance(value, (dict, Remote)):
        return f" Give them back in this order: `return {', '.join(names)}`."
    return ""


def may_be_told(sizes: Sequence[int], known: Collection[int]) -> bool:
    """Return whether a shape is short and has known sizes only, so that a student cannot say something with it."""
    return len(sizes) <= _MOST_TOLD and all(size in known for size in sizes)


def _is_small(sizes: Sequence[int]) -> bool:
    """Return whether a shape that nobody expected may be told: there are only a few hundred like it."""
    return may_be_told(sizes, range(4)) or (len(sizes) <= 2 and all(size < _FEW for size in sizes))


def shape(sizes: Sequence[int]) -> str:
    """Return a shape as Python shows it."""
    return str(tuple(int(n) for n in sizes))


def first(mask: torch.Tensor) -> tuple[int, ...]:
    """Return the first place where a boolean tensor is True."""
    return tuple(int(i) for i in torch.nonzero(mask)[0]) if mask.dim() else ()


def place(name: str, at: tuple[int, ...]) -> str:
    """Return a name with an index behind it: ``S[0, 2]``."""
    return f"{name}[{', '.join(str(i) for i in at)}]" if at else name
