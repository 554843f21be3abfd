"""Fixture data of a part: made by ``make.py`` from the reference, kept as ``expected.json``, read by the checks.

``make.py`` defines ``make(reference) -> dict[str, value]``; values are tensors, numbers, strings and lists of them.
Small tensors are written out as nested lists, so that a change is reviewed as a diff; larger ones go beside it into
``expected.safetensors``.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import safetensors
import safetensors.torch
import torch

from grader.course.catalog import Part
from grader.course.shared_code import importable
from grader.errors import CourseError
from grader.files import whole_file

_INLINE_ELEMENTS = 4096


class Expected:
    """The values of ``expected.json`` as attributes."""

    def __init__(self, values: dict[str, Any], identity: str) -> None:
        self._values = values
        self._identity = identity

    def __getattr__(self, name: str) -> Any:
        try:
            value = self._values[name]
        except KeyError:
            raise CourseError(f"{self._identity}: make.py makes no value {name!r}") from None
        return value.clone() if isinstance(value, torch.Tensor) else value


def load_module(path: Path, name: str, shared: Path | None = None) -> ModuleType:
    """Execute one of the course's own files (a reference, a make.py) by path, and return it; raises CourseError.

    It may import the shared code in the folder ``shared`` (default: the folder it is in).
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise CourseError(f"{path} is missing")
    module = importlib.util.module_from_spec(spec)
    try:
        with importable([shared or path.parent]):
            spec.loader.exec_module(module)
    except Exception as error:
        raise CourseError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    return module


def make(part: Part) -> dict[str, Any]:
    """Run the part's ``make.py`` on its reference."""
    reference = load_module(part.reference, f"reference_{part.assignment}_{part.name}")
    maker = load_module(part.fixture_folder / "make.py", f"make_{part.assignment}_{part.name}")
    torch.manual_seed(0)
    try:
        values = maker.make(reference)
    except Exception as error:
        raise CourseError(f"{part.identity}: make.py failed: {type(error).__name__}: {error}") from error
    if not isinstance(values, dict):
        raise CourseError(f"{part.identity}: make() must return a dict")
    return values


def write(part: Part, values: dict[str, Any]) -> list[Path]:
    """Write ``expected.json`` (and ``expected.safetensors`` where something is large); the files written."""
    large = {k: v for k, v in values.items() if isinstance(v, torch.Tensor) and v.numel() > _INLINE_ELEMENTS}
    plain = {name: _to_json(value) for name, value in values.items() if name not in large}
    path = part.fixture_folder / "expected.json"
    whole_file.write(path, json.dumps(plain, indent=1, sort_keys=True).encode() + b"\n")
    beside = path.with_suffix(".safetensors")
    if not large:
        beside.unlink(missing_ok=True)
        return [path]
    # clone: safetensors refuses what shares memory, and contiguous what was transposed
    alone = {name: value.detach().clone().contiguous() for name, value in large.items()}
    whole_file.write(beside, safetensors.torch.save(alone))
    return [path, beside]


def read(part: Part) -> Expected:
    """Return the stored fixture data; raises CourseError when there is none."""
    path = part.fixture_folder / "expected.json"
    if not path.is_file():
        raise CourseError(f"{path} is missing; `grader fixtures {part.identity}` makes it")
    try:
        values = {name: _from_json(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, LookupError, AttributeError) as error:
        raise CourseError(f"{path} is damaged ({error}); `grader fixtures {part.identity}` makes it anew") from None
    large = path.with_suffix(".safetensors")
    return Expected(values | (safetensors.torch.load_file(large) if large.is_file() else {}), part.identity)


def differences(stored: Expected, fresh: dict[str, Any], *, rtol: float = 1e-4, atol: float = 1e-5) -> list[str]:
    """Return the names whose stored value differs from the fresh one by more than the tolerance."""
    names = stored._values.keys() | fresh.keys()  # noqa: SLF001 -- our own class
    return sorted(n for n in names if not _alike(stored._values.get(n), fresh.get(n), rtol, atol))  # noqa: SLF001


def _alike(left: Any, right: Any, rtol: float, atol: float) -> bool:
    if isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor):
        same_kind = left.shape == right.shape and left.dtype == right.dtype
        return same_kind and torch.allclose(left.double(), right.double(), rtol=rtol, atol=atol)
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) <= atol + rtol * abs(right)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)) and len(left) == len(right):
        return all(_alike(a, b, rtol, atol) for a, b in zip(left, right, strict=True))
    return type(left) is type(right) and bool(left == right)


def _to_json(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "data": value.tolist()}
    if isinstance(value, (list, tuple)):
        return [_to_json(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise CourseError(f"make() returned a {type(value).__name__}; tensors, numbers, strings and lists can be stored")


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return torch.tensor(value["data"], dtype=getattr(torch, value["dtype"])).reshape(value["shape"])
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    return value
