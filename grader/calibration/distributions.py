"""Bound how often a gate fails a correct solution and passes a wrong one, from single runs.

A gate takes the best of k runs. If one run of a correct solution misses the threshold with probability p, all k runs
miss it with probability p^k. Clopper and Pearson's exact interval (Biometrika 26, 1934) gives the upper bound of p.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from grader.course.catalog import Part
from grader.course.part_toml import Gate

FALSE_FAIL_TARGET = 1e-4
CONFIDENCE = 0.95
CAUGHT = 0.5  # a gate catches a mistake that passes with a probability below this
RUNS_OF_CORRECT = 1000
RUNS_OF_MISTAKE = 100


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """The single runs of one solution at one gate. Quantiles are of finite values; nan counts as a miss."""

    runs: int
    misses: int  # runs that miss the threshold, or go beyond the floor
    minimum: float | None
    median: float | None
    q95: float | None
    maximum: float | None
    miss_upper: float  # upper confidence bound of P(one run misses)
    pass_upper: float  # upper confidence bound of P(one run reaches the threshold)


class GateCalibration(msgspec.Struct, frozen=True, kw_only=True):
    """The calibration of one gate. ``false_fail`` bounds P(fails) of the correct solution that fails most often."""

    threshold: float
    k: int
    floor: float | None
    false_fail: float
    worst_correct: str
    correct: dict[str, Distribution]
    mistakes: dict[str, Distribution]
    mistake_passes: dict[str, float]  # bound of P(best of k reaches the threshold); 1.0 if never caught
    better: str = "lower"


def summarise(gate: Gate, values: Mapping[Path, Sequence[float]], part: Part) -> GateCalibration:
    """Compute one gate's calibration from the single runs of every solution."""
    right = {name: path for name, path in part.right_solutions.items() if path in values}
    correct = {name: distribution(gate, values[path]) for name, path in right.items()}
    mistakes = {path.stem: distribution(gate, values[path]) for path in part.mistakes if path in values}
    worst = max(correct, key=lambda name: correct[name].miss_upper)
    return GateCalibration(
        threshold=gate.threshold,
        k=gate.k,
        floor=gate.floor,
        false_fail=correct[worst].miss_upper ** gate.k,
        worst_correct=worst,
        correct=correct,
        mistakes=mistakes,
        mistake_passes=_passes(mistakes, gate.k),
        better=gate.better,
    )


def with_mistakes(measured: GateCalibration, gate: Gate, values: Mapping[Path, Sequence[float]]) -> GateCalibration:
    """Return one gate's calibration with the single runs of later mistakes added."""
    later = {path.stem: distribution(gate, runs) for path, runs in values.items()}
    return msgspec.structs.replace(
        measured,
        mistakes=measured.mistakes | later,
        mistake_passes=measured.mistake_passes | _passes(later, gate.k),
    )


def distribution(gate: Gate, runs: Sequence[float]) -> Distribution:
    """Compute quantiles and bounds of single runs."""
    finite = sorted(value for value in runs if math.isfinite(value))
    misses = sum(map(gate.missed, runs))
    return Distribution(
        runs=len(runs),
        misses=misses,
        minimum=_quantile(finite, 0.0),
        median=_quantile(finite, 0.5),
        q95=_quantile(finite, 0.95),
        maximum=_quantile(finite, 1.0),
        miss_upper=upper_bound(misses, len(runs)),
        pass_upper=upper_bound(len(runs) - misses, len(runs)),
    )


def _passes(mistakes: Mapping[str, Distribution], k: int) -> dict[str, float]:
    return {name: 1 - (1 - runs.pass_upper) ** k for name, runs in mistakes.items()}


def upper_bound(successes: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """Return the one-sided Clopper-Pearson upper bound of a probability, from ``successes`` in ``trials``."""
    from scipy.stats import beta

    if successes >= trials:
        return 1.0
    return float(beta.ppf(confidence, successes + 1, trials - successes))


def suggest_k(miss_upper: float, target: float = FALSE_FAIL_TARGET) -> int | None:
    """Return the smallest k with miss_upper^k ≤ target; None if there is none."""
    if miss_upper >= 1.0:
        return None
    return max(1, math.ceil(math.log(target) / math.log(max(miss_upper, 1e-300))))


def caught(measured: GateCalibration) -> list[str]:
    """Return the mistakes that a gate catches: those that pass with P < CAUGHT."""
    return [mistake for mistake, passes in measured.mistake_passes.items() if passes < CAUGHT]


def _quantile(values: Sequence[float], q: float) -> float | None:
    if not values:
        return None
    return values[min(len(values) - 1, int(q * len(values)))]
