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
_OTHER_TYPES = ("torch.nn.parameter.Parameter", "collections.deque", "decimal.Decimal", "fractions.Fraction")
_PHRASES = {
    "dict_keys": "the keys of a dict",
    "dict_values": "the values of a dict",
    "dict_items": "the items of a dict",
    "numpy.ma.MaskedArray": "a masked numpy array",
    "numpy.longdouble": "a numpy.longdouble",
    **dict.fromkeys(("pandas.DataFrame", "pandas.core.frame.DataFrame"), "a pandas DataFrame"),
    **dict.fromkeys(("pandas.Series", "pandas.core.series.Series"), "a pandas Series"),
    **dict.fromkeys(("pandas.Index", "pandas.core.indexes.base.Index"), "a pandas Index"),
}
# What numpy calls the dtype of an array that cannot be sent; the end may be any length or unit, which a student chose.
_ARRAYS = {
    "<U": "a numpy array of text",
    "StringDType": "a numpy array of text",
    "object": "a numpy array of objects",
    "complex": "a numpy array of complex numbers",
    "datetime64": "a numpy array of dates",
}
_ODD_TENSOR = re.compile(
    r"torch\.Tensor \(torch\.(strided|sparse_(?:coo|cs[rc]|bs[rc])), torch\.(\w+), on (cpu|meta|cuda:\d)\)"
)


def is_known_exception(name: str) -> bool:
    """Return whether an exception of this name comes from Python or a library."""
    return name in _EXCEPTIONS


def told_type(type_name: str) -> str:
    """Return a type as a message may name it, with its article; another name becomes “an object of another class”."""
    plain, _, rest = type_name.partition(" (")
    if plain == "numpy.ndarray":
        return next((words for start, words in _ARRAYS.items() if rest.startswith(start)), "a numpy array")
    if type_name.startswith("torch.Tensor"):
        return _odd_tensor(type_name)
    if plain in _PHRASES:
        return _PHRASES[plain]
    if plain not in _known_types():
        return "an object of another class"
    return f"{'an' if plain[0] in 'aeiou' else 'a'} {plain}"


def _odd_tensor(type_name: str) -> str:
    """Say why a tensor could not be sent: where more than one reason holds, the one to mend first."""
    found = _ODD_TENSOR.fullmatch(type_name)
    if found is None or not isinstance(getattr(torch, found[2], None), torch.dtype):
        return "a torch.Tensor of an unusual kind"
    layout, dtype, device = found.groups()
    if layout != "strided":
        return f"a sparse tensor (torch.{layout})"
    if device == "meta":
        return 'a tensor on the device "meta", without values'
    return f"a tensor of dtype torch.{dtype}"


@functools.cache
def _known_types() -> frozenset[str]:
    plain = [value for space in (builtins, types) for value in vars(space).values() if isinstance(value, type)]
    layers = [value for value in vars(torch.nn).values() if isinstance(value, type)]
    names = {kind.__qualname__ for kind in plain} | {f"{kind.__module__}.{kind.__qualname__}" for kind in layers}
    return frozenset(names.union(_OTHER_TYPES))
