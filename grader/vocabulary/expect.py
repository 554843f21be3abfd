"""What a check may ask of a value.

Each function climbs the same ladder and stops at the first rung that breaks,

missing → type → shape → dtype → finite → values,

and raises :class:`~grader.errors.Mismatch` with a sentence for the student. Comparisons are written so that NaN
fails them. Nothing here calls a method of an object that came from a student: values arrive as plain tensors, arrays,
lists and numbers, and everything else as a :class:`~grader.sandbox.calls.Remote`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import torch

from grader.course.part_toml import Gate
from grader.errors import Mismatch
from grader.sandbox.calls import Remote
from grader.vocabulary.evidence import cell, draw

_KINDS: dict[str, Callable[[torch.dtype], bool]] = {
    "floating": lambda dtype: dtype.is_floating_point,
    "integer": lambda dtype: not dtype.is_floating_point and not dtype.is_complex and dtype != torch.bool,
    "number": lambda dtype: dtype != torch.bool and not dtype.is_complex,
}


def tensor(
    actual: Any, name: str, *, shape: Sequence[int] | None = None, dtype: str | torch.dtype = "number"
) -> torch.Tensor:
    """A finite tensor of this shape and dtype (a ``torch.dtype``, or ``floating``, ``integer``, ``number``)."""
    value = _typed_tensor(actual, name)
    if shape is not None:
        _require_shape(value, shape, name)
    _require_dtype(value, name, dtype)
    finite = torch.isfinite(value)
    if not bool(finite.all()):
        place = _first(~finite)
        raise Mismatch(
            f"{_quoted(name)} contains {cell(value[place].item())}.", detail=f"First at {_place(name, place)}."
        )
    return value


def close(
    actual: Any,
    expected: torch.Tensor,
    *,
    name: str,
    rtol: float = 1e-5,
    atol: float = 1e-6,
    dtype: str | torch.dtype = "number",
) -> torch.Tensor:
    """|actual - expected| ≤ atol + rtol·|expected| in every place, compared in float64."""
    value = tensor(actual, name, shape=expected.shape, dtype=dtype)
    a, e = value.double(), expected.double()
    differs = ~((a - e).abs() <= atol + rtol * e.abs())
    if bool(differs.any()):
        count, total = int(differs.sum()), differs.numel()
        place = _first(differs)
        largest = float((a - e).abs().max())
        raise Mismatch(
            f"{_quoted(name)} has wrong values.",
            detail=(
                f"{_place(name, place)} is {cell(a[place].item())}, expected {cell(e[place].item())}"
                + (f" ({count} of {total} values differ, by at most {largest:.4g})." if total > 1 else ".")
            ),
            evidence=draw(name, e, a, differs),
        )
    return value


def number(actual: Any, name: str) -> float:
    """A finite number: int, float, or a tensor with one element."""
    if isinstance(actual, torch.Tensor) and actual.numel() == 1:
        actual = actual.item()
    if actual is None:
        raise Mismatch(_MISSING.format(name=_quoted(name)))
    if isinstance(actual, bool) or not isinstance(actual, (int, float)):
        raise _other_type(f"{_quoted(name)} is", actual, "expected a number.")
    if not abs(actual) < sys.float_info.max:  # an int may be larger than any float
        words = str(actual) if isinstance(actual, float) else "too large"
        raise Mismatch(f"{_quoted(name)} is {words}, expected a finite number.")
    return float(actual)


def integer(actual: Any, name: str) -> int:
    """An int, or an integer tensor with one element."""
    if isinstance(actual, torch.Tensor) and actual.numel() == 1 and _KINDS["integer"](actual.dtype):
        actual = actual.item()
    if actual is None:
        raise Mismatch(_MISSING.format(name=_quoted(name)))
    if isinstance(actual, bool) or not isinstance(actual, int):
        raise _other_type(f"{_quoted(name)} is", actual, "expected an int.")
    return actual


def equal(actual: Any, expected: Any, *, name: str) -> None:
    """The same plain value (int, str, bool, or a list of them)."""
    if actual is None:
        raise Mismatch(_MISSING.format(name=_quoted(name)))
    if type(actual) is not type(expected):
        raise _other_type(f"{_quoted(name)} is", actual, f"expected {_described(expected)}.")
    if not _alike(actual, expected):
        raise Mismatch(
            f"{_quoted(name)} is wrong.", detail=f"It is {str(actual)[:300]}, expected {str(expected)[:300]}."
        )


def shape(actual: Any, expected: Sequence[int], *, name: str) -> None:
    """A tensor of this shape."""
    _require_shape(_typed_tensor(actual, name), expected, name)


def dtype(actual: Any, expected: str | torch.dtype, *, name: str) -> None:
    """A tensor of this dtype, or of this kind of dtype."""
    _require_dtype(_typed_tensor(actual, name), name, expected)


def at_most(actual: Any, limit: float, *, name: str, because: str = "") -> float:
    """A number ≤ limit."""
    value = number(actual, name)
    if not value <= limit:
        raise Mismatch(
            f"{_quoted(name)} is too large. {because}".strip(),
            detail=f"It is {value:.6g}, expected at most {limit:.6g}.",
        )
    return value


def at_least(actual: Any, limit: float, *, name: str, because: str = "") -> float:
    """A number ≥ limit."""
    value = number(actual, name)
    if not value >= limit:
        raise Mismatch(
            f"{_quoted(name)} is too small. {because}".strip(),
            detail=f"It is {value:.6g}, expected at least {limit:.6g}.",
        )
    return value


def overlap(actual: Any, expected: Sequence[str], *, at_least: int, name: str) -> int:
    """A list of strings that shares at least ``at_least`` items with ``expected``, in any order."""
    if actual is None:
        raise Mismatch(_MISSING.format(name=_quoted(name)))
    if not isinstance(actual, (list, tuple)) or not all(isinstance(item, str) for item in actual):
        raise _other_type(f"{_quoted(name)} is", actual, "expected a list of strings.")
    shared = len(set(actual) & set(expected))
    if shared < at_least:
        missing = [item for item in expected if item not in actual][:5]
        raise Mismatch(
            f"{_quoted(name)} shares too few items with the expected ones.",
            detail=f"{shared} of {len(expected)} are shared, not {at_least}; missing: {', '.join(missing)}."[:500],
        )
    return shared


def tuple_of(actual: Any, *names: str) -> tuple[Any, ...]:
    """A tuple or list with one item for each name."""
    wanted = f"{len(names)} values ({', '.join(names)})"
    if actual is None:
        raise Mismatch(_MISSING.format(name=", ".join(f"`{name}`" for name in names)))
    if not isinstance(actual, (list, tuple)):
        raise _other_type("The function returns", actual, f"expected {wanted}.")
    if len(actual) != len(names):
        count = len(actual) if len(actual) < _MANY else "too many"
        raise Mismatch(f"The function returns {count} values, expected {wanted}.", detail=f"It returns {len(actual)}.")
    return tuple(actual)


def unchanged(before: torch.Tensor, after: Any, *, name: str) -> None:
    """An argument is, after the call, what it was before."""
    same = (
        isinstance(after, torch.Tensor) and after.shape == before.shape and torch.equal(after.to(before.dtype), before)
    )
    if not same:
        raise Mismatch(f"The call changed its argument `{name}`. Work on a copy: `{name}.clone()`.")


def that(condition: bool, message: str, *, detail: str = "") -> None:
    """Anything else, in the author's own words."""
    if not condition:
        raise Mismatch(message, detail=detail)


def best_of(gate: Gate, run: Callable[[], float], *, name: str) -> float:
    """Call ``run`` up to ``gate.k`` times until one run reaches the gate; the best value.

    Stops at the first run that is good enough. A run better than the gate's floor fails at once: no honest
    computation gets there.
    """
    best: float | None = None
    for _ in range(gate.k):
        value = run()
        if gate.beyond_floor(value):
            raise Mismatch(
                f"{_quoted(name)} is better than any solution can be, so it does not belong to what was returned.",
                detail=f"It is {value:.6g}; the best possible is {gate.floor:.6g}.",
            )
        if best is None or math.isnan(best) or (value < best if gate.better == "lower" else value > best):
            best = value
        if gate.reached(value):
            return value
    assert best is not None
    raise Mismatch(
        f"{_quoted(name)} is not good enough in any of {gate.k} runs.",
        detail=f"The best of {gate.k} runs gives {best:.4g}; a correct solution reaches {gate.threshold:.4g}.",
    )


_MANY = 10
_MOST_TOLD = 4  # dimensions of a shape
_MISSING = "{name} is None. Does every path through your function end with `return`?"


def _quoted(name: str) -> str:
    """A name as it begins a sentence: code in backticks, words ("the loss at rank 2") with a capital."""
    return name[0].upper() + name[1:] if " " in name and "(" not in name else f"`{name}`"


def _alike(actual: Any, expected: Any) -> bool:
    """Equal in value and type all the way down: what stands in a student's list is never asked whether it is equal."""
    if type(actual) is not type(expected):
        return False
    if isinstance(expected, (list, tuple)):
        return len(actual) == len(expected) and all(_alike(a, e) for a, e in zip(actual, expected, strict=True))
    return bool(actual == expected)


def _typed_tensor(actual: Any, name: str) -> torch.Tensor:
    if actual is None:
        raise Mismatch(_MISSING.format(name=_quoted(name)))
    if isinstance(actual, np.ndarray):
        raise Mismatch(f"{_quoted(name)} is a numpy array, expected a torch.Tensor (torch.from_numpy converts).")
    if not isinstance(actual, torch.Tensor):
        raise _other_type(f"{_quoted(name)} is", actual, "expected a torch.Tensor.")
    return actual


def _require_shape(value: torch.Tensor, wanted: Sequence[int], name: str) -> None:
    if tuple(value.shape) == tuple(wanted):
        return
    is_told = _may_be_told(value.shape, {0, 1, *wanted})
    words = f"shape {_shape(value.shape)}" if is_told else "another shape"
    detail = "" if is_told else f"Its shape is {_shape(value.shape)}."
    raise Mismatch(f"{_quoted(name)} has {words}, expected {_shape(wanted)}.", detail=detail)


def _may_be_told(shape: Sequence[int], known: Collection[int]) -> bool:
    """Sizes are a student's to choose, and so to say something with: a message holds those that are no news."""
    return len(shape) <= _MOST_TOLD and all(size in known for size in shape)


def _require_dtype(value: torch.Tensor, name: str, wanted: str | torch.dtype) -> None:
    fits = _KINDS[wanted](value.dtype) if isinstance(wanted, str) else value.dtype == wanted
    if not fits:
        noun = f"a {wanted} dtype" if isinstance(wanted, str) else str(wanted)
        raise Mismatch(f"{_quoted(name)} has dtype {value.dtype}, expected {noun}.")


def _other_type(subject: str, value: Any, expected: str) -> Mismatch:
    """What a value is instead of what was expected; its type may have a name that the student invented."""
    detail = ""
    if isinstance(value, Remote):
        detail = f"Its type is {value.type_name}."
    elif isinstance(value, torch.Tensor):
        detail = f"Its shape is {_shape(value.shape)}."
    return Mismatch(f"{subject} {_described(value)}, {expected}", detail=detail)


def _described(value: Any) -> str:
    if isinstance(value, Remote):
        return value.words
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {_shape(value.shape)}" if _may_be_told(value.shape, range(4)) else "a tensor"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _shape(shape: Sequence[int]) -> str:
    return str(tuple(int(n) for n in shape))


def _first(mask: torch.Tensor) -> tuple[int, ...]:
    return tuple(int(i) for i in torch.nonzero(mask)[0]) if mask.dim() else ()


def _place(name: str, place: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(str(i) for i in place)}]" if place else name
