"""Run one of the course's own solutions for many seeds at once with ``torch.vmap``: same draws, same steps.

Every run draws from its own generator, seeded as in the sandbox, so run i of a batch equals run i alone. This works
for solutions in plain torch. A solution that reads a Python value from a tensor (``.item()``, ``if M[r, c]``) or draws
random numbers in another way is run seed by seed. Never used for a student's code.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch

from grader.course.fixture_data import load_module
from grader.errors import CourseError

_FEW = 10  # batch only if there are this many times more calls than groups

_DRAWN = ("rand", "randn")
_NOT_DRAWN = ("bernoulli", "multinomial", "normal", "rand_like", "randint", "randn_like", "randperm")


class SeededCall(Protocol):
    """One call with its seed."""

    entry_point: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    seed: int


def vmapped(solution: Path, calls: Sequence[SeededCall], shared: Path) -> list[Any] | None:
    """Return what ``solution`` returns for each call; None if it cannot be batched, or not be loaded.

    ``shared`` is the folder of the reference, whose utilities every solution may import. Calls are grouped by function,
    plain arguments, and the values of integer and boolean tensors (masks), which a solution may read.
    """
    groups: dict[Any, list[int]] = {}
    for place, call in enumerate(calls):
        groups.setdefault(_fixed_part(call), []).append(place)
    if len(groups) * _FEW > len(calls):
        return None
    try:
        module = load_module(solution, f"batched_{solution.stem}", shared)
    except CourseError:
        return None
    answers: list[Any] = [None] * len(calls)
    for places in groups.values():
        try:
            batch = _answers_of_group(module, [calls[place] for place in places])
        except Exception:  # noqa: BLE001 -- vmap cannot do this: run seed by seed
            return None
        for place, answer in zip(places, batch, strict=True):
            answers[place] = answer
    return answers


def _fixed_part(call: SeededCall) -> tuple[Any, ...]:
    values = [_frozen(value) for value in call.args if not _is_floating(value)]
    return (call.entry_point, tuple(values), tuple(sorted(call.kwargs.items())))


def _frozen(value: Any) -> Any:
    return (tuple(value.shape), tuple(value.flatten().tolist())) if isinstance(value, torch.Tensor) else value


def _is_floating(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def _answers_of_group(module: Any, calls: Sequence[SeededCall]) -> list[Any]:
    first = calls[0]
    function: Callable[..., Any] = getattr(module, first.entry_point)
    floating = [place for place, value in enumerate(first.args) if _is_floating(value)]
    stacked = [torch.stack([call.args[place] for call in calls]) for place in floating]
    generators = [torch.Generator().manual_seed(call.seed) for call in calls]

    def one_run(run: torch.Tensor, *tensors: torch.Tensor) -> Any:
        args = list(first.args)
        for place, value in zip(floating, tensors, strict=True):
            args[place] = value
        with _drawing(generators, run):
            return function(*args, **first.kwargs)

    with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
        answer = torch.vmap(one_run, randomness="same")(torch.arange(len(calls)), *stacked)
    if not isinstance(answer, tuple):
        return list(answer)
    return list(zip(*answer, strict=True))


@contextlib.contextmanager
def _drawing(generators: Sequence[torch.Generator], run: torch.Tensor) -> Iterator[None]:
    """Make ``torch.rand`` and ``torch.randn`` draw from each run's own generator, and other draws raise TypeError."""
    originals = {name: getattr(torch, name) for name in (*_DRAWN, *_NOT_DRAWN)}

    def drawing(draw: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        def drawn(*size: Any, dtype: torch.dtype | None = None) -> torch.Tensor:
            return torch.stack([draw(*size, generator=g, dtype=dtype) for g in generators])[run].clone()

        return drawn

    def refuse(*_: Any, **__: Any) -> torch.Tensor:
        raise TypeError("a batch cannot draw in this way")

    for name, draw in originals.items():
        setattr(torch, name, drawing(draw) if name in _DRAWN else refuse)
    try:
        yield
    finally:
        for name, draw in originals.items():
            setattr(torch, name, draw)
