"""Compute the axes of a plot: linear or logarithmic, with ticks at round numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

MOST_TICKS = 6
MOST_CLOSE_TICKS = 8  # where ticks are short, or few would say little
SMALLEST, LARGEST = 1e-290, 1e300  # an axis beyond these would leave the range of floats
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Tick(NamedTuple):
    """A position on an axis, in percent from its low end, and its label."""

    at: float
    label: str


class Axis(NamedTuple):
    """The range that an axis covers and its ticks."""

    low: float
    high: float
    log: bool
    ticks: tuple[Tick, ...] = ()

    def place(self, value: float) -> float:
        """Return where a value lies on the axis, in percent."""
        low, high = self.low, self.high
        if self.log:
            value, low, high = math.log10(value), math.log10(low), math.log10(high)
        return 100.0 * (value - low) / (high - low)

    def holds(self, value: float) -> bool:
        """Tell whether a value lies on the axis; NaN and infinities never do."""
        return (value > 0 or not self.log) and -0.01 <= self.place(value) <= 100.01

    def marked(self, values: Sequence[float], labels: Sequence[str]) -> Axis:
        """Return the same axis with these ticks."""
        places = [round(self.place(value), 2) for value in values]
        return self._replace(ticks=tuple(map(Tick, places, labels)))


def linear(low: float, high: float) -> Axis:
    """Return a linear axis over [low, high], with steps of 1, 2 or 5 times a power of ten; its ends are ticks."""
    if high - low <= max(1e-9 * max(abs(low), abs(high)), SMALLEST):  # flat, as far as anybody could see
        half = abs(low) / 2 if abs(low) > SMALLEST else 1.0
        low, high = low - half, low + half
    step = _round_step((high - low) / (MOST_TICKS - 1), (1, 2, 5, 10))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    values = [number * step for number in range(first, last + 1)]
    return Axis(values[0], values[-1], log=False).marked(values, _distinct(values))


def starting_at_zero(last: int) -> Axis:
    """Return an axis of the whole numbers 0 to ``last``; ``last`` need not have a tick."""
    high = max(1, last)
    step = max(1, math.ceil(_round_step(high / MOST_CLOSE_TICKS, (1, 2, 2.5, 5, 10))))
    values = range(0, high + 1, step)
    return Axis(0.0, float(high), log=False).marked(values, [written(value) for value in values])


def logarithmic(low: float, high: float) -> Axis:
    """Return a logarithmic axis that covers [low, high], both positive; its ends are 1, 2 or 5 times a power of ten."""
    bottom, top = math.floor(math.log10(low)), math.ceil(math.log10(high))
    fine = [digit * 10.0**power for power in range(bottom - 1, top + 2) for digit in (1, 2, 5)]
    first = max(at for at, value in enumerate(fine) if value <= low * (1 + 1e-9))
    last = next(at for at, value in enumerate(fine) if value >= high * (1 - 1e-9) and at > first)
    axis = Axis(fine[first], fine[last], log=True)
    if last - first < MOST_CLOSE_TICKS:
        return axis.marked(fine[first : last + 1], [written(value) for value in fine[first : last + 1]])
    stride = math.ceil((top - bottom) / MOST_TICKS)
    powers = [n for n in range(bottom, top + 1) if n % stride == 0 and fine[first] <= 10.0**n <= fine[last]]
    few_zeros = all(-3 <= n <= 4 for n in powers)
    return axis.marked([10.0**n for n in powers], [written(10.0**n) if few_zeros else _power(n) for n in powers])


def written(value: float, digits: int = 4) -> str:
    """Write a number for people: ``0.25``, ``12,000``, ``7.88·10⁵``; NaN and infinities as words."""
    if not math.isfinite(value) or value == 0:
        return f"{value + 0.0:g}"  # + 0.0 turns -0.0 into 0
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    exponent = int(power)
    if -3 <= exponent <= 4:
        return _short(f"{value:,.{max(0, digits - 1 - exponent)}f}")
    mantissa = _short(mantissa)
    return _power(exponent) if mantissa == "1" else f"{mantissa}·{_power(exponent)}"


def _power(exponent: int) -> str:
    return f"10{str(exponent).translate(_SUPERSCRIPT)}"


def _short(text: str) -> str:
    """Remove zeros at the end of decimals."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _distinct(values: Sequence[float]) -> list[str]:
    """Write labels with enough digits to tell them apart: a loss may fall from 0.12195 to 0.12191."""
    for digits in range(4, 16):
        labels = [written(value, digits) for value in values]
        if len(set(labels)) == len(values):
            break
    return labels


def _round_step(least: float, factors: Sequence[float]) -> float:
    """Return the smallest round number that is at least ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in factors if factor * power >= least * (1 - 1e-9))
