"""Compare two answers to one call: the same within rounding, or at least of the same form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grader.errors import CheckFailure
from grader.sandbox.calls import Remote

_ITEMS = 100  # of a list: more say nothing new about its form


def same_answer(left: Any, right: Any) -> bool:
    """Return whether two answers are the same within rounding."""
    if _is_frame(left) and _is_frame(right):
        return _same_dicts(left.to_dict("list"), right.to_dict("list"))
    for kind, same in _COMPARISONS:
        if isinstance(left, kind) and isinstance(right, kind):
            return same(left, right)
    plain = (bool, int, str, bytes, type(None))
    return type(left) is type(right) and isinstance(left, plain) and left == right


def _is_frame(value: Any) -> bool:
    """Return whether a value is a table, without importing pandas."""
    return type(value).__name__ == "DataFrame" and type(value).__module__.startswith("pandas")


def _same_tensors(left: torch.Tensor, right: torch.Tensor) -> bool:
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    return torch.allclose(left.double(), right.double(), rtol=1e-4, atol=1e-6, equal_nan=True)


def _kind(remote: Remote) -> str:
    """Return the type of a value that stayed in the worker; all modules count as one type."""
    modules = ("submission_", "torch.nn.", "torchvision.")
    return "a module" if remote.type_name.startswith(modules) else remote.type_name


def _same_lists(left: Any, right: Any) -> bool:
    return len(left) == len(right) and all(same_answer(a, b) for a, b in zip(left, right, strict=True))


def _same_dicts(left: Any, right: Any) -> bool:
    return left.keys() == right.keys() and all(same_answer(left[key], right[key]) for key in left)


def form_of(value: Any) -> Any:
    """Return the types and shapes of an answer, without its numbers; a failure is its own form."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return type(value).__name__, str(value.dtype), tuple(value.shape)
    if isinstance(value, CheckFailure):
        return type(value).__name__, value.message, value.detail
    if isinstance(value, Remote):
        return _kind(value)
    if isinstance(value, (list, tuple)):
        return "list", len(value), [form_of(item) for item in value[:_ITEMS]]
    if isinstance(value, dict):
        return {key: form_of(item) for key, item in value.items()}
    return type(value).__name__


_COMPARISONS: tuple[tuple[Any, Callable[[Any, Any], bool]], ...] = (
    (torch.Tensor, _same_tensors),
    (np.ndarray, lambda left, right: left.shape == right.shape and bool(np.allclose(left, right, equal_nan=True))),
    (
        CheckFailure,
        lambda left, right: type(left) is type(right) and (left.message, left.detail) == (right.message, right.detail),
    ),
    (Remote, lambda left, right: _kind(left) == _kind(right)),
    ((list, tuple), _same_lists),
    (dict, _same_dicts),
    (
        float,
        lambda left, right: math.isclose(left, right, rel_tol=1e-4, abs_tol=1e-6) or (left != left and right != right),
    ),
)
