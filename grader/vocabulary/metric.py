"""``@metric``: the number that a gate judges, declared once. Checks and calibration run the same function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from grader.errors import CourseError
from grader.records.record import ConfusionEvidence, CurvesEvidence, ImagesEvidence

INPUTS = ("submission", "expected", "datasets", "sizes", "device", "rng")  # what a metric may ask for, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run of a metric returns: its value, and figures and exhibits for the report."""

    value: float
    figures: Mapping[str, float] = field(default_factory=dict)
    exhibits: Sequence[CurvesEvidence | ConfusionEvidence | ImagesEvidence] = ()


class Metric:
    """A function declared with ``@metric``. Only ``gates.require`` and calibration run it."""

    def __init__(self, function: Callable[..., float | Measured]) -> None:
        """Take the function; raises CourseError for a parameter that is not one of INPUTS."""
        self.name = function.__name__
        self.place = f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"
        self._function = function
        self._wants = tuple(inspect.signature(function).parameters)
        if unknown := [name for name in self._wants if name not in INPUTS]:
            words = f"metric {self.name!r} asks for {unknown[0]!r}; it may ask for: {', '.join(INPUTS)}"
            raise CourseError(f"{self.place}: {words}")

    def measure(self, inputs: object) -> Measured:
        """Run once with the attributes of ``inputs`` that it asks for; CheckFailure passes through."""
        found = self._function(**{name: getattr(inputs, name) for name in self._wants})
        return found if isinstance(found, Measured) else Measured(value=float(found))

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: a call with other arguments would run something that was never calibrated."""
        raise CourseError(f"{self.place}: run metric {self.name!r} with gates.require({self.name!r}, name=...)")


def metric(function: Callable[..., float | Measured]) -> Metric:
    """Declare the metric of the gate of the same name in ``part.toml``.

    Its parameters are the pytest fixtures it needs, out of ``submission``, ``expected``, ``datasets``, ``sizes``,
    ``device`` and ``rng``. It makes one run and returns a number, or `Measured`.

    >>> @metric
    ... def rank2_loss(submission, expected, rng):
    ...     '''The loss of one factorisation at rank 2.'''
    ...     return loss(submission.factorise(expected.A, 2), expected.A)
    """
    return Metric(function)
