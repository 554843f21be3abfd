"""Which names of types and exceptions may stand in a message.

Students read the message of a hidden check, and a student can give a class any name: ``raise type(str(Q), ...)`` would
print the check's inputs. So a message holds only names from Python or a library; any other name goes into the detail.
"""

from __future__ import annotations

import builtins
import functools
import re
import types

import torch

_EXCEPTIONS = frozenset(
    {name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)}
    | {"LinAlgError", "AxisError", "AcceleratorError"}  # numpy's and torch's
)
_OTHER_TYPES = ("torch.nn.parameter.Parameter", "numpy.ndarray", "numpy.matrix", "pandas.core.series.Series")
_ODD_TENSOR = re.compile(r"torch\.Tensor \(torch\.(?:strided|sparse_[a-z]{3}), torch\.(\w+), on (?:cpu|meta|cuda:\d)\)")


def is_known_exception(name: str) -> bool:
    """Return whether an exception of this name comes from Python or a library."""
    return name in _EXCEPTIONS


def told_type(type_name: str) -> str:
    """Return a type as a message may name it, with its article; another name becomes “an object of another class”."""
    plain = type_name.partition(" (")[0]
    if (found := _ODD_TENSOR.fullmatch(type_name)) and isinstance(getattr(torch, found[1], None), torch.dtype):
        return f"a {type_name}"
    if type_name.startswith("torch.Tensor"):
        return "a torch.Tensor of an unusual kind"
    if plain not in _known_types():
        return "an object of another class"
    return f"{'an' if plain[0] in 'aeiou' else 'a'} {plain}"


@functools.cache
def _known_types() -> frozenset[str]:
    plain = [value for space in (builtins, types) for value in vars(space).values() if isinstance(value, type)]
    layers = [value for value in vars(torch.nn).values() if isinstance(value, type)]
    names = {kind.__qualname__ for kind in plain} | {f"{kind.__module__}.{kind.__qualname__}" for kind in layers}
    return frozenset(names.union(_OTHER_TYPES))
