"""Recognise a mistake in a training function by its first steps, from wherever the student's own function begins.

Two trainings that draw other random numbers give other factors, however alike their mistakes are. So the reference and
the known mistakes are started where the student's function starts, and where they come to is compared with where the
student's comes to: before a step, after one and two, and wherever else the part says (``MORE``).

A training starts where steps of length 0 leave it. A known solution's start is ``a + b * draws`` for each of its
tensors: where it starts for draws of 1 and of 2 tells a and b, and so which numbers make it start anywhere
(`given_draws`). Where a training is given its start, such as a network, all of them start there.
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
Places = tuple[State | None, ...]
# Ask a known solution, with a seed and given draws, for what is called; as in a call log, "" calls the first argument,
# a value that stayed in the worker, and ".name" reads an attribute of it.
Ask = Callable[[int, list[Tensor], str, tuple[Any, ...], dict[str, Any]], Any]
AskState = Callable[..., State | None]  # a ``state`` of first_steps.py and what it gets besides the submission

_TURN = "first steps"
_NEAR = 1e-3  # of the largest move of the reference: rounding in float32 is below 1e-5 of it
_SAME_START = 1e-5
_MOST_NUMBERS = 100_000  # of a tensor: a student's may be far larger than asked for


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a training starts, and the places that it comes to; None for one that it does not get to."""

    start: State
    places: Places


def trace_of(first: FirstSteps, submission: StudentPart) -> Trace | None:
    """Return the first steps of a student's function; None where it does not get that far.

    A function whose start cannot be seen is watched one step later. One that returns the same for every number of steps
    may train without end or not at all: only if the learning rate makes no difference either, it takes no step.
    """
    ask = partial(_state, submission)
    for shift in (0, 1):
        start = _start(first, ask, shift)
        places = _places(first, ask, shift)
        once, twice = places[1:3]
        if start and once and twice and all(tensor.isfinite().all() for tensor in start):
            still = _equal(start, once) and _equal(once, twice)
            return None if still and first.lr is None else Trace(start, places)
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
        right = self._places(self._part.reference, trace)
        if right is None or (scale := _largest_move(trace.start, right[1:3])) == 0:
            return FirstStepsSeen()
        is_given = self._is_fixed(self._part.reference, trace)
        place = self._places_from_fixed if is_given else partial(self._places, trace=trace)
        places = {path: found for path in self._part.mistakes if (found := place(path))}
        alike = tuple(
            path
            for path in self._part.mistakes
            if (path in places and _alike(places[path], trace.places, scale))
            or (not is_given and self._draws_alike(path, trace, scale))
        )
        # Of these, those that come to nothing where the student's comes to nothing are more like it.
        quiet = [place is None for place in trace.places]
        most = tuple(path for path in alike if path in places and [at is None for at in places[path]] == quiet)
        return FirstStepsSeen(
            explaining=() if _alike(right, trace.places, scale) else most or alike,
            others=frozenset(places.keys() - {*alike}),
        )

    def _draws_alike(self, solution: Path, trace: Trace, scale: float) -> bool:
        """Return whether a solution that draws its own start, with the student's seed, is at the same places.

        What it returns may say too little of where it is (a vector that was scaled to length 1) to start it there.
        """
        ask = self._asking(solution, [])
        start = _start(self._first, ask)
        return _alike([start], [trace.start], scale) and _alike(_places(self._first, ask), trace.places, scale)

    def _places(self, solution: Path, trace: Trace) -> Places | None:
        """Return where a solution comes to from the student's start; None if it cannot start there or fails."""
        known = self._known_start(solution, trace)
        draws = known and _draws_for(trace.start, *known)
        if draws is None:
            return None
        return (
            self._places_from_fixed(solution) if self._is_fixed(solution, trace) else self._places_with(solution, draws)
        )

    def _places_from_fixed(self, solution: Path) -> Places | None:
        """Return where a solution comes to if no draws decide where it starts: the same for every student."""
        key = solution, self._seed
        if key not in self._starts:
            self._starts[key] = self._places_with(solution, [])
        places: Places | None = self._starts[key]
        return places

    def _is_fixed(self, solution: Path, trace: Trace) -> bool:
        """Return whether a solution starts at the same place whatever it draws."""
        known = self._known_start(solution, trace)
        return known is not None and not any(slope.count_nonzero() for slope in known[1])

    def _known_start(self, solution: Path, trace: Trace) -> tuple[State, State] | None:
        """Return what `_start_of` returns; asks only once in a class."""
        key = solution, tuple(tensor.shape for tensor in trace.start)
        if key not in self._starts:
            self._starts[key] = self._start_of(solution, trace.start)
        known: tuple[State, State] | None = self._starts[key]
        return known

    def _places_with(self, solution: Path, draws: list[Tensor]) -> Places | None:
        """Return where a solution comes to with given draws; None if it fails."""
        places = _places(self._first, self._asking(solution, draws))
        return places if places[1] and places[2] else None

    def _start_of(self, solution: Path, like: State) -> tuple[State, State] | None:
        """Return the start for draws of 0, and how much more it is for draws of 1; None if the solution fails.

        From factors of 0 no step leads anywhere, so it is asked for draws of 1 and 2.
        """
        ones, twos = ([torch.full_like(tensor, value) for tensor in like] for value in (1.0, 2.0))
        nearer, farther = (_start(self._first, self._asking(solution, draws)) for draws in (ones, twos))
        if nearer is None or farther is None or [t.shape for t in nearer] != [t.shape for t in like]:
            return None
        slope = tuple(b - a for a, b in zip(nearer, farther, strict=True))
        return tuple(a - more for a, more in zip(nearer, slope, strict=True)), slope

    def _asking(self, solution: Path, draws: list[Tensor]) -> AskState:
        seed_of = partial(derived_seed, self._seed, self._part.identity, _TURN)
        return lambda state, *terms: _state(_Started(self._ask(solution), draws, seed_of), state, *terms)


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


def _state(submission: Any, state: Callable[..., Any], *terms: Any) -> State | None:
    """Return the tensors that learn, in float64, as ``state`` gives them; None where an answer is of another kind."""
    if isinstance(submission, StudentPart):
        submission.begin(_TURN, None)  # so every call has the same seed
    try:
        return tuple(_numbers_of(tensor) for tensor in state(submission, *terms))
    except (CheckFailure, TypeError, ValueError, AttributeError, LookupError):
        return None


def _start(first: FirstSteps, ask: AskState, shift: int = 0) -> State | None:
    """Return where a training starts: where it is before a step, or where a step of length 0 leaves it.

    The second tells more where the number of steps makes no difference, or where no call can take no step.
    """
    before = first.before + shift
    at = ask(first.state, before, first.lr)
    if first.lr is None or shift:
        return at
    once = ask(first.state, before + 1, first.lr)
    if at and not before and not _equal(at, once):
        return at
    unmoved = ask(first.state, before + 1, 0.0)
    return at if unmoved is None or _equal(unmoved, once) else unmoved


def _places(first: FirstSteps, ask: AskState, shift: int = 0) -> Places:
    """Return where a training comes to before a step, after one and two, and where the part looks besides."""
    steps = [ask(first.state, first.before + shift + steps, first.lr) for steps in range(3)]
    # From a later start no other call begins.
    return (*steps, *(None if shift else ask(more) for more in first.more))


def _numbers_of(tensor: Tensor) -> Tensor:
    """Return a tensor in float64; raises ValueError where it is large or of another kind than a training's."""
    plain = tensor.layout is torch.strided and tensor.device.type == "cpu" and tensor.is_floating_point()
    if not plain or tensor.numel() > _MOST_NUMBERS:
        raise ValueError(f"no state of a small training: {tensor.dtype}, {tuple(tensor.shape)}")
    return tensor.detach().double()


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


def _largest_move(start: State, steps: Sequence[State | None]) -> float:
    return max(
        float((after - before).abs().max()) for state in steps for before, after in zip(start, state or (), strict=True)
    )


def _alike(found: Sequence[State | None], trained: Sequence[State | None], scale: float) -> bool:
    """Return whether a training was, within rounding, where a student's was; leave out where theirs was not."""
    return all(_near(one, other, _NEAR * scale) for one, other in zip(found, trained, strict=True) if other)


def _near(left: State | None, right: State, atol: float) -> bool:
    return (left is not None and [one.shape for one in left] == [one.shape for one in right]) and all(
        torch.allclose(a, b, rtol=1e-5, atol=atol, equal_nan=True) for a, b in zip(left, right, strict=True)
    )
