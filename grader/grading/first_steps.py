"""Recognise a mistake in a training function by its first steps, from wherever the student's own function begins.

Two trainings that draw other random numbers give other factors, however alike their mistakes are. So the reference and
the known mistakes are started where the student's function started, and their first two steps are compared with the
student's.

A known solution's start is ``a + b * draws`` for each of its tensors: what its random numbers are 0 and 1 for tells a
and b, and so which numbers make it start anywhere (`given_draws`).
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from grader.course.catalog import Part
from grader.course.first_steps import FirstSteps
from grader.errors import CheckFailure
from grader.grading.student_part import StudentPart, derived_seed, ensure_kept

State = tuple[Tensor, ...]
# Ask a known solution, with a seed and given draws, for what is called; as in a call log, "" calls the first argument,
# a value that stayed in the worker, and ".name" reads an attribute of it.
Ask = Callable[[int, list[Tensor], str, tuple[Any, ...], dict[str, Any]], Any]

_TURN = "first steps"
_NEAR = 1e-3  # of the largest move of the reference: rounding in float32 is below 1e-5 of it
_SAME_START = 1e-5
_MOST_NUMBERS = 100_000  # of a tensor: a student's may be far larger than asked for


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a training was at first, and after one and two steps."""

    start: State
    steps: tuple[State, State]


def trace_of(first: FirstSteps, submission: StudentPart) -> Trace | None:
    """Return the first steps of a student's function; None where it does not get that far.

    A function that cannot do without a step is watched one step later. One that returns the same for every number of
    steps may train without end or not at all: only if the learning rate makes no difference either, it takes no step.
    """
    for before in (first.before, first.before + 1):
        start, once, twice = (_state(first, submission, before + steps, first.lr) for steps in range(3))
        if start and once and twice and all(tensor.isfinite().all() for tensor in start):
            still = _equal(start, once) and _equal(once, twice)
            if not still or _ignores_the_rate(first, submission, before + 1, once):
                return Trace(start, (once, twice))
            return None
    return None


@dataclass(frozen=True, slots=True)
class FirstStepsSeen:
    """The mistakes that take the student's first steps, unless the reference does, too; and those that take others."""

    explaining: tuple[Path, ...] = ()
    others: frozenset[Path] = frozenset()


class KnownSteps:
    """Takes the first steps of known solutions; how each starts is learned once for a class and kept in ``starts``.

    ``ask(solution)`` returns what calls a function of this solution with given draws. ``seed`` is the run's: each call
    has the seed of the student's, so that a solution that draws while it learns draws alike.
    """

    def __init__(
        self, part: Part, first: FirstSteps, ask: Callable[[Path], Ask], starts: MutableMapping[Any, Any], seed: int
    ) -> None:
        self._part = part
        self._first = first
        self._ask = ask
        self._starts = starts
        self._seed = seed

    def compared(self, trace: Trace) -> FirstStepsSeen:
        """Start the reference and every mistake where the student's function started, and compare their steps."""
        right = self._steps(self._part.reference, trace.start)
        if right is None or (scale := _largest_move(trace.start, right)) == 0:
            return FirstStepsSeen()
        steps = {path: taken for path in self._part.mistakes if (taken := self._steps(path, trace.start))}
        alike = tuple(
            path
            for path in self._part.mistakes
            if (path in steps and _alike(steps[path], trace.steps, scale)) or self._draws_alike(path, trace, scale)
        )
        return FirstStepsSeen(
            explaining=() if _alike(right, trace.steps, scale) else alike, others=frozenset(steps.keys() - {*alike})
        )

    def _draws_alike(self, solution: Path, trace: Trace, scale: float) -> bool:
        """Return whether a solution that draws its own start, with the student's seed, is at the same places.

        What it returns may say too little of where it is (a vector that was scaled to length 1) to start it there.
        """
        places = (trace.start, *trace.steps)
        for steps, place in enumerate(places):
            own = self._state(solution, [], self._first.before + steps)
            if own is None or not _alike([own], [place], scale):
                return False
        return True

    def _steps(self, solution: Path, start: State) -> tuple[State, State] | None:
        """Return where a solution's first two steps lead from ``start``; None if it cannot start there or fails."""
        key = solution, tuple(tensor.shape for tensor in start)
        if key not in self._starts:
            self._starts[key] = self._start_of(solution, start)
        known = self._starts[key]
        draws = known and _draws_for(start, *known)
        if known is None or draws is None:
            return None
        if any(slope.count_nonzero() for slope in known[1]):
            return self._steps_with(solution, draws)
        if (*key, self._seed) not in self._starts:  # every student's start is the same, and so are the steps
            self._starts[*key, self._seed] = self._steps_with(solution, draws)
        steps: tuple[State, State] | None = self._starts[*key, self._seed]
        return steps

    def _steps_with(self, solution: Path, draws: list[Tensor]) -> tuple[State, State] | None:
        """Return where the first two steps with given draws lead; None if the solution fails."""
        once, twice = (self._state(solution, draws, self._first.before + steps) for steps in (1, 2))
        return (once, twice) if once and twice else None

    def _start_of(self, solution: Path, like: State) -> tuple[State, State] | None:
        """Return the start for draws of 0, and how much more it is for draws of 1; None if the solution fails."""
        zeros, ones = ([torch.full_like(tensor, value) for tensor in like] for value in (0.0, 1.0))
        least, most = (self._state(solution, draws, self._first.before) for draws in (zeros, ones))
        if least is None or most is None or [t.shape for t in least] != [t.shape for t in like]:
            return None
        return least, tuple(b - a for a, b in zip(least, most, strict=True))

    def _state(self, solution: Path, draws: list[Tensor], steps: int) -> State | None:
        started = _Started(self._ask(solution), draws, partial(derived_seed, self._seed, self._part.identity, _TURN))
        return _state(self._first, started, steps, self._first.lr)


class _Started:
    """A known solution whose random draws are given, as ``state`` of first_steps.py sees it."""

    def __init__(self, ask: Ask, draws: list[Tensor], seed_of: Callable[[int], int]) -> None:
        self._ask = ask
        self._draws = draws
        self._seed_of = seed_of
        self._count = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: self._call(name, args, kwargs)

    def apply(self, remote: Any, *args: Any, **kwargs: Any) -> Any:
        ensure_kept(remote)
        return self._call("", (remote, *args), kwargs)

    def read(self, remote: Any, attribute: str) -> Any:
        ensure_kept(remote)
        return self._ask(0, [], f".{attribute}", (remote,), {})

    def _call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._count += 1  # as a student's calls are counted
        return self._ask(self._seed_of(self._count), self._draws, name, args, kwargs)


def _state(first: FirstSteps, submission: Any, steps: int, lr: float | None) -> State | None:
    """Return the tensors that learn, after some steps, in float64; None where a student's answer is of another kind."""
    if isinstance(submission, StudentPart):
        submission.begin(_TURN, None)  # so every call has the same seed
    try:
        return tuple(_numbers_of(tensor) for tensor in first.state(submission, steps, lr))
    except (CheckFailure, TypeError, ValueError, AttributeError, LookupError):
        return None


def _numbers_of(tensor: Tensor) -> Tensor:
    """Return a tensor in float64; raises ValueError where it is large or of another kind than a training's."""
    plain = tensor.layout is torch.strided and tensor.device.type == "cpu" and tensor.is_floating_point()
    if not plain or tensor.numel() > _MOST_NUMBERS:
        raise ValueError(f"no state of a small training: {tensor.dtype}, {tuple(tensor.shape)}")
    return tensor.detach().double()


def _ignores_the_rate(first: FirstSteps, submission: StudentPart, steps: int, state: State) -> bool:
    return first.lr is not None and _equal(state, _state(first, submission, steps, 0.0))


def _equal(left: State | None, right: State | None) -> bool:
    same_length = left is not None and right is not None and len(left) == len(right)
    return same_length and all(map(torch.equal, left or (), right or ()))


def _draws_for(start: State, least: State, more: State) -> list[Tensor] | None:
    """Return the draws that begin at ``start``; None if there are none."""
    draws = []
    for wanted, at_zero, slope in zip(start, least, more, strict=True):
        moves = slope.abs() > 1e-9
        if wanted.shape != at_zero.shape or not torch.allclose(wanted[~moves], at_zero[~moves], atol=_SAME_START):
            return None
        draws.append(torch.where(moves, (wanted - at_zero) / torch.where(moves, slope, 1.0), 0.0))
    return draws


def _largest_move(start: State, steps: Sequence[State]) -> float:
    return max(
        float((after - before).abs().max()) for state in steps for before, after in zip(start, state, strict=True)
    )


def _alike(left: Sequence[State], right: Sequence[State], scale: float) -> bool:
    """Return whether two trainings were at the same places, within rounding."""
    if [len(state) for state in left] != [len(state) for state in right]:
        return False
    pairs = [pair for a, b in zip(left, right, strict=True) for pair in zip(a, b, strict=True)]
    near = _NEAR * scale
    return all(a.shape == b.shape and torch.allclose(a, b, rtol=1e-5, atol=near, equal_nan=True) for a, b in pairs)
