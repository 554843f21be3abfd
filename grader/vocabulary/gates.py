"""The pytest fixture ``gates``: the only way from a check to a metric. It takes the best of several runs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Protocol

from grader.course.part_toml import Gate
from grader.errors import CourseError, Mismatch
from grader.vocabulary.exhibits import Exhibits
from grader.vocabulary.metric import Measured, Metric
from grader.vocabulary.words import quoted


def matched(gates: Mapping[str, Gate], metrics: Mapping[str, Metric], place: str) -> None:
    """Raise CourseError, naming file and line, unless every gate has a metric and every metric a gate.

    ``place`` is the check file.
    """
    for name, found in metrics.items():
        if name not in gates:
            raise CourseError(f"{found.place}: metric {name!r} has no gate; add [gates.{name}] to part.toml")
    for name in gates:
        if name not in metrics:
            raise CourseError(f"{place}: gate {name!r} of part.toml has no metric; declare it with @metric")


class Inputs(Protocol):
    """What the runs of a gate are made with."""

    def of_run(self, number: int) -> object:
        """Return an object whose attributes are what a metric may ask for, for the run of this number, from 1."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """The gates of a part as one check meets them.

    ``inputs`` gives each run what a metric may ask for; ``figures`` and ``exhibits`` are where runs leave theirs.
    """

    gates: Mapping[str, Gate]
    metrics: Mapping[str, Metric]
    inputs: Inputs
    figures: MutableMapping[str, float]
    exhibits: Exhibits

    def require(self, gate: str, /, *, name: str, otherwise: str = "") -> float:
        """Run the gate's metric up to k times, until one run is good enough, and return the value of that run.

        Notes the value as a figure under the gate's name, and the figures and exhibits of every run.

        Args:
            gate: the name of a gate in ``part.toml``, and of its metric.
            name: what the student reads the value is, such as "the loss at rank 2".
            otherwise: what the student reads if no run is good enough, where that is no matter of good or bad.

        Raises:
            Mismatch: no run is good enough, or one is better than the gate's floor, which no solution can be.
            CourseError: there is no such gate, or it has no metric.
        """
        terms = self._gate(gate)
        best = math.nan
        for number in range(1, terms.k + 1):
            value = self._run(gate, number)
            if terms.beyond_floor(value):
                raise Mismatch(
                    f"{quoted(name)} is better than any solution can be.",
                    detail=f"It is {value:.6g}; the best possible is {terms.floor:.6g}.",
                )
            if terms.reached(value):
                self.figures[gate] = value
                return value
            if math.isnan(best) or (value < best if terms.better == "lower" else value > best):
                best = value
        raise Mismatch(
            otherwise or f"{quoted(name)} is not good enough in any of {terms.k} runs.",
            detail=f"The best of {terms.k} runs gives {best:.4g}; a correct solution reaches {terms.threshold:.4g}.",
        )

    def _gate(self, name: str) -> Gate:
        if name not in self.gates:
            raise CourseError(f"part.toml has no gate {name!r}; there are: {', '.join(self.gates) or 'none'}")
        if name not in self.metrics:
            raise CourseError(f"gate {name!r} has no metric; declare it with @metric")
        return self.gates[name]

    def _run(self, gate: str, number: int) -> float:
        """Make one run and note what it leaves."""
        found: Measured = self.metrics[gate].measure(self.inputs.of_run(number))
        self.figures.update(found.figures)
        for shown in found.exhibits:
            self.exhibits.note(shown, number=number)
        return found.value


def metrics_in(values: Iterable[object]) -> dict[str, Metric]:
    """Return the metrics among the values of a module by name."""
    return {value.name: value for value in values if isinstance(value, Metric)}
