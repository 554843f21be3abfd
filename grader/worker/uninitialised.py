"""Fill memory that nobody has written to: code that reads it is wrong every time, and not only when luck is against it.

Fresh memory is often zero, so a function that forgets to fill a matrix may pass once and fail when it is graded again.
Floating-point numbers become NaN, integers the smallest there is. A convenience, not a wall: a student may undo it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.jit import _builtins

_NAMES = ("empty", "empty_like")  # in torch and in numpy
_INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


def install() -> None:
    """Have what makes uninitialised tensors and arrays fill them; call it once in a process."""
    for name in _NAMES:
        filling = _filling(getattr(torch, name), _fill_tensor)
        setattr(torch, name, filling)
        # torch.jit.script knows functions by identity, and has no public way to tell it of another one.
        _builtins._register_builtin(filling, f"aten::{name}")  # noqa: SLF001
        setattr(np, name, _filling(getattr(np, name), _fill_array))


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Have them do so within this, and afterwards no longer: for a process that is not a worker's own."""
    before = [(module, name, getattr(module, name)) for module in (torch, np) for name in _NAMES]
    install()
    try:
        yield
    finally:
        for module, name, original in before:
            setattr(module, name, original)


def _filling(original: Callable[..., Any], fill: Callable[[Any], None]) -> Callable[..., Any]:
    @functools.wraps(original)
    def made(*args: Any, **kwargs: Any) -> Any:
        value = original(*args, **kwargs)
        if "out" not in kwargs:  # which the student's code may have written to
            fill(value)
        return value

    return made


def _fill_tensor(made: torch.Tensor) -> None:
    if made.layout is not torch.strided or made.device.type not in ("cpu", "cuda"):
        return
    with torch.no_grad():  # one that requires a gradient may not be changed in place otherwise
        if made.is_floating_point() or made.is_complex():
            made.fill_(float("nan"))
        elif made.dtype in _INTEGERS:
            made.fill_(torch.iinfo(made.dtype).min)


def _fill_array(made: np.ndarray[Any, Any]) -> None:
    if made.dtype.kind in "fc":
        made.fill(np.nan)
    elif made.dtype.kind in "iu":
        made.fill(np.iinfo(made.dtype).min)
