"""What a check may require of a value.

Each function asks in the same order, missing → type → shape → dtype → finite → values, and raises Mismatch with one
sentence for the student at the first that does not hold. NaN never passes. Nothing here calls a method of an object
from the student's side: values arrive as plain tensors, arrays, lists and numbers, anything else as a ``Remote``.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import numpy as np
import torch

from grader.errors import Crashed, Mismatch
from grader.vocabulary import words
from grader.vocabulary.alike import alike
from grader.vocabulary.evidence import cell, draw

_MANY = 10
_KINDS: dict[str, Callable[[torch.dtype], bool]] = {
    "floating": lambda dtype: dtype.is_floating_point,
    "integer": lambda dtype: not dtype.is_floating_point and not dtype.is_complex and dtype != torch.bool,
    "number": lambda dtype: dtype != torch.bool and not dtype.is_complex,
}


def tensor(
    actual: Any, name: str, *, shape: Sequence[int] | None = None, dtype: str | torch.dtype = "number"
) -> torch.Tensor:
    """Require a finite tensor of this shape and dtype: a ``torch.dtype``, or "floating", "integer" or "number"."""
    value = _typed_tensor(actual, name)
    if shape is not None:
        _require_shape(value, shape, name)
    _require_dtype(value, name, dtype)
    finite = torch.isfinite(value)
    if not bool(finite.all()):
        place = words.first(~finite)
        raise Mismatch(
            f"{words.quoted(name)} contains {cell(value[place].item())}.",
            detail=f"First at {words.place(name, place)}.",
            not_finite=True,
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
    """Require |actual - expected| ≤ atol + rtol·|expected| in every place, compared in float64; return ``actual``."""
    value = tensor(actual, name, shape=expected.shape, dtype=dtype)
    a, e = value.double(), expected.double()
    differs = ~((a - e).abs() <= atol + rtol * e.abs())
    if bool(differs.any()):
        count, total = int(differs.sum()), differs.numel()
        place = words.first(differs)
        largest = float((a - e).abs().max())
        raise Mismatch(
            f"{words.quoted(name)} has wrong values.",
            detail=(
                f"{words.place(name, place)} is {cell(a[place].item())}, expected {cell(e[place].item())}"
                + (f" ({count} of {total} values differ, by at most {largest:.4g})." if total > 1 else ".")
            ),
            evidence=draw(name, e, a, differs),
        )
    return value


def number(actual: Any, name: str) -> float:
    """Require a finite number (int, float, or a tensor with one element) and return it as a float."""
    if isinstance(actual, torch.Tensor) and actual.numel() == 1:
        actual = actual.item()
    if actual is None:
        raise Mismatch(words.MISSING.format(name=words.quoted(name)))
    if isinstance(actual, bool) or not isinstance(actual, (int, float)):
        raise words.other_type(f"{words.quoted(name)} is", actual, "expected a number.")
    if not abs(actual) < sys.float_info.max:  # an int may be larger than any float
        found = str(actual) if isinstance(actual, float) else "too large"
        raise Mismatch(f"{words.quoted(name)} is {found}, expected a finite number.", not_finite=found != "too large")
    return float(actual)


def integer(actual: Any, name: str) -> int:
    """Require an int, or an integer tensor with one element, and return the int."""
    if isinstance(actual, torch.Tensor) and actual.numel() == 1 and _KINDS["integer"](actual.dtype):
        actual = actual.item()
    if actual is None:
        raise Mismatch(words.MISSING.format(name=words.quoted(name)))
    if isinstance(actual, bool) or not isinstance(actual, int):
        raise words.other_type(f"{words.quoted(name)} is", actual, "expected an int.")
    return actual


def equal(actual: Any, expected: Any, *, name: str) -> None:
    """Require the same plain value: an int, str or bool, or a list of them."""
    if actual is None:
        raise Mismatch(words.MISSING.format(name=words.quoted(name)))
    if type(actual) is not type(expected):
        raise words.other_type(f"{words.quoted(name)} is", actual, f"expected {words.described(expected)}.")
    if not alike(actual, expected):
        detail = f"It is {str(actual)[:300]}, expected {str(expected)[:300]}."
        raise Mismatch(f"{words.quoted(name)} is wrong.", detail=detail)


def shape(actual: Any, expected: Sequence[int], *, name: str) -> None:
    """Require a tensor of this shape."""
    _require_shape(_typed_tensor(actual, name), expected, name)


def dtype(actual: Any, expected: str | torch.dtype, *, name: str) -> None:
    """Require a tensor of this dtype, or of this kind of dtype: "floating", "integer" or "number"."""
    _require_dtype(_typed_tensor(actual, name), name, expected)


def at_most(actual: Any, limit: float, *, name: str, because: str = "") -> float:
    """Require a number ≤ limit and return it; ``because`` tells the student why."""
    value = number(actual, name)
    if not value <= limit:
        detail = f"It is {value:.6g}, expected at most {limit:.6g}."
        raise Mismatch(f"{words.quoted(name)} is too large. {because}".strip(), detail=detail)
    return value


def at_least(actual: Any, limit: float, *, name: str, because: str = "") -> float:
    """Require a number ≥ limit and return it; ``because`` tells the student why."""
    value = number(actual, name)
    if not value >= limit:
        detail = f"It is {value:.6g}, expected at least {limit:.6g}."
        raise Mismatch(f"{words.quoted(name)} is too small. {because}".strip(), detail=detail)
    return value


def of_type(actual: Any, kinds: type | tuple[type, ...], *, name: str, wanted: str) -> Any:
    """Require a value of one of these types and return it; ``wanted`` says in words what it should be: "a dict"."""
    if actual is None:
        raise Mismatch(words.MISSING.format(name=words.quoted(name)))
    if not isinstance(actual, kinds):
        raise words.other_type(f"{words.quoted(name)} is", actual, f"expected {wanted}.")
    return actual


def strings(actual: Any, *, name: str) -> list[str]:
    """Require a list or tuple of strings and return it as a list."""
    of_type(actual, (list, tuple), name=name, wanted="a list of strings")
    if not all(isinstance(item, str) for item in actual):
        raise Mismatch(
            f"{words.quoted(name)} is {words.described(actual)} with something other than strings in it.",
            detail=words.first_other(actual, (str,)),
        )
    return list(actual)


def overlap(actual: Any, expected: Sequence[str], *, at_least: int, name: str) -> int:
    """Require a list of strings that shares ``at_least`` items with ``expected``; return how many it shares."""
    found = strings(actual, name=name)
    shared = len(set(found) & set(expected))
    if shared < at_least:
        missing = [item for item in expected if item not in found][:5]
        raise Mismatch(
            f"{words.quoted(name)} shares too few items with the expected ones.",
            detail=f"{shared} of {len(expected)} are shared, not {at_least}; missing: {', '.join(missing)}."[:500],
        )
    return shared


def tuple_of(actual: Any, *names: str) -> tuple[Any, ...]:
    """Require a tuple or list with one item for each name and return it as a tuple."""
    wanted = f"{len(names)} values ({', '.join(names)})"
    if actual is None:
        raise Mismatch(words.MISSING.format(name=", ".join(f"`{name}`" for name in names)))
    if not isinstance(actual, (list, tuple)):
        raise words.other_type("The function returns", actual, f"expected {wanted}.{words.in_order(actual, names)}")
    if len(actual) != len(names):
        count = len(actual) if len(actual) < _MANY else "too many"
        raise Mismatch(f"The function returns {count} values, expected {wanted}.", detail=f"It returns {len(actual)}.")
    return tuple(actual)


def unchanged(before: torch.Tensor, after: Any, *, name: str) -> None:
    """Require that an argument is the same after the call as before."""
    same = (
        isinstance(after, torch.Tensor) and after.shape == before.shape and torch.equal(after.to(before.dtype), before)
    )
    if not same:
        raise Mismatch(f"The call changed its argument `{name}`. Work on a copy: `{name}.clone()`.")


def that(condition: bool, message: str, *, detail: str = "") -> None:
    """Require a condition; ``message`` tells the student what is wrong."""
    if not condition:
        raise Mismatch(message, detail=detail)


def fail(message: str, *, detail: str = "") -> NoReturn:
    """Fail the check in the author's own words."""
    raise Mismatch(message, detail=detail)


def near(actual: Any, expected: torch.Tensor | float, *, name: str, rtol: float = 1e-5, atol: float = 1e-6) -> float:
    """Require a number (int, float, or a tensor with one element) with |actual - expected| ≤ atol + rtol·|expected|."""
    value = torch.tensor(number(actual, name), dtype=torch.float64)
    close(value, torch.as_tensor(expected), name=name, rtol=rtol, atol=atol)
    return float(value)


def losses(
    actual: Any, *, name: str = "losses", count: int | None = None, because: str = "", finite: bool = True
) -> list[float]:
    """Require a list of numbers and return it as floats.

    Args:
        actual: a list or tuple of numbers, or of tensors with one element each.
        name: what the student calls it.
        count: how many there must be; None allows any number.
        because: why there must be so many, for the student.
        finite: False allows inf and nan, for a descent that may diverge.
    """
    if not isinstance(actual, (list, tuple)):
        raise Mismatch(
            f"{words.quoted(name)} is {words.described(actual)}, {words.list_instead(actual)}",
            detail=words.more_of(actual),
        )
    if count is not None and len(actual) != count:
        lack = f"{words.quoted(name)} does not have {count} entries. {because}"
        raise Mismatch(lack.strip(), detail=f"It has {len(actual)}.")
    plain = [loss.item() if isinstance(loss, torch.Tensor) and loss.numel() == 1 else loss for loss in actual]
    if not all(type(loss) in (int, float) for loss in plain):
        raise Mismatch(
            f"{words.quoted(name)} holds something that is not a number.",
            detail=words.first_other(plain, (int, float)),
        )
    if finite:
        # Without the place: a student chooses it, and could say something with it.
        return [number(loss, f"an entry of {name}") for loss in plain]
    return [float(loss) for loss in plain]


def unless_crashed(call: Callable[[], Any]) -> Any:
    """Return what ``call`` returns; None where the student's code raised an exception in it."""
    try:
        return call()
    except Crashed:
        return None


def raises(call: Callable[[], Any], wanted: type[Exception], name: str) -> None:
    """Require that the student's code raises ``wanted`` in a call; an exception of their own class may be one."""
    raised = None
    try:
        call()
    except Crashed as crash:
        if crash.exception is None:  # it was killed, say
            raise
        raised = crash.exception or wanted.__name__
    that(raised == wanted.__name__, f"{words.quoted(name)} raises {raised or 'nothing'}, expected {wanted.__name__}.")


@contextlib.contextmanager
def asked(what: str, because: str = words.DIVERGED) -> Iterator[None]:
    """In this block, a value with inf or nan is told with ``what`` was asked of the call, and what such values mean."""
    try:
        yield
    except Mismatch as mismatch:
        mismatch.message += f" The call asked for {what}. {because}" if mismatch.not_finite else ""
        raise


def _typed_tensor(actual: Any, name: str) -> torch.Tensor:
    if actual is None:
        raise Mismatch(words.MISSING.format(name=words.quoted(name)))
    if isinstance(actual, np.ndarray):
        raise Mismatch(
            f"{words.quoted(name)} is {words.described(actual)}, {words.tensor_instead(actual)}",
            detail=words.more_of(actual),
        )
    if not isinstance(actual, torch.Tensor):
        raise words.other_type(f"{words.quoted(name)} is", actual, words.tensor_instead(actual))
    return actual


def _require_shape(value: torch.Tensor, wanted: Sequence[int], name: str) -> None:
    if tuple(value.shape) != tuple(wanted):
        raise words.other_shape(value, wanted, name)


def _require_dtype(value: torch.Tensor, name: str, wanted: str | torch.dtype) -> None:
    fits = _KINDS[wanted](value.dtype) if isinstance(wanted, str) else value.dtype == wanted
    if not fits:
        noun = f"{words.with_article(wanted)} dtype" if isinstance(wanted, str) else str(wanted)
        raise Mismatch(f"{words.quoted(name)} has dtype {value.dtype}, expected {noun}.")
