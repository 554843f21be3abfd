"""Values of classes that a library made of a plain one: a `np.str_` is a str, an OrderedDict a dict, an Image a tensor.

Such a value crosses as its base: equal values are equal. Only classes of Python, numpy, torch, torchvision and pandas
are known here, and each is known by its identity. A class that a student made of one may lie in every method, and so
may its metaclass: neither is asked anything, not even for its name.
"""

from __future__ import annotations

import collections
import pathlib
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

_NUMBER_KINDS = "biuf"
_LARGEST_NUMBER = 8  # bytes; a long double would lose digits
_TENSORS = ("Image", "Video", "Mask", "BoundingBoxes", "KeyPoints")  # of torchvision.tv_tensors


def plain(value: Any) -> Any:
    """Return the value as the plain class that its own is made of; the value itself where its class is not known.

    A numpy number becomes a Python one, and so does an array of no dimensions. A path becomes the str it stands for.
    """
    kind = type(value)
    if id(kind) in _PLAIN:
        return value
    if (convert := _CONVERSIONS.get(id(kind))) is not None:
        return convert(value)
    if issubclass(kind, torch.Tensor) and any(kind is known for known in _loaded("torchvision.tv_tensors", _TENSORS)):
        return value.as_subclass(torch.Tensor)
    return value


def is_frame(kind: type) -> bool:
    """Return whether a class is pandas' own DataFrame; pandas is not imported for it."""
    return any(kind is known for known in _loaded("pandas", ("DataFrame",)))


def _loaded(module: str, names: tuple[str, ...]) -> list[Any]:
    """Return the classes of these names in a module; none where nobody has imported it."""
    found = sys.modules.get(module)
    held = vars(found) if type(found) is types.ModuleType else {}  # a student may have put anything there
    return [held[name] for name in names if name in held]


def _of_array(array: Any) -> Any:
    """Return the only item of an array of no dimensions that holds a number or a text; any other array as it is."""
    if array.ndim == 0 and array.dtype.kind in _NUMBER_KINDS + "US":
        return plain(array[()])
    return array


def _numbers() -> set[Any]:
    """Return numpy's types of numbers that a Python number can hold: also the second names of some on this machine."""
    kinds = {np.dtype(code).type for code in np.typecodes["AllInteger"] + np.typecodes["Float"] + "?"}
    return {kind for kind in kinds if np.dtype(kind).itemsize <= _LARGEST_NUMBER}


def _as_array(value: Any) -> Any:
    return np.ndarray.view(value, np.ndarray)


# Most values are of one of these, and a tensor would be looked up among those of torchvision.
_PLAIN = frozenset(map(id, (type(None), bool, int, float, str, list, tuple, dict, torch.Tensor)))
# By the identity of the class, because looking a class itself up would ask its metaclass for a hash.
_CONVERSIONS: dict[int, Callable[[Any], Any]] = {
    **{id(kind): kind.item for kind in _numbers()},
    id(np.str_): str.__str__,
    id(np.bytes_): bytes,
    id(np.ndarray): _of_array,
    id(np.matrix): _as_array,
    id(np.memmap): _as_array,
    id(collections.OrderedDict): lambda value: dict(collections.OrderedDict.items(value)),
    id(collections.defaultdict): lambda value: dict(dict.items(value)),
    id(collections.Counter): lambda value: dict(dict.items(value)),
    **{
        id(kind): kind.__fspath__
        for kind in (pathlib.PosixPath, pathlib.PurePosixPath, pathlib.WindowsPath, pathlib.PureWindowsPath)
    },
}
