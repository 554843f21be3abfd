"""`grader.reports.axes`: round ticks that cover any range, and numbers as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.axes import (
    LARGEST,
    MOST_CLOSE_TICKS,
    MOST_TICKS,
    SMALLEST,
    linear,
    logarithmic,
    starting_at_zero,
    written,
)

ANY = st.floats(-LARGEST, LARGEST)
POSITIVE = st.floats(SMALLEST, LARGEST)


def labels(axis):
    return [tick.label for tick in axis.ticks]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (-3, 12, ["-5", "0", "5", "10", "15"]),
        (0, 9.6e9, ["0", "2·10⁹", "4·10⁹", "6·10⁹", "8·10⁹", "10¹⁰"]),
        (0.12191, 0.12195, ["0.12191", "0.12192", "0.12193", "0.12194", "0.12195"]),  # as many digits as it needs
        (3, 3, ["1", "2", "3", "4", "5"]),
        (0, 0, ["-1", "-0.5", "0", "0.5", "1"]),
    ],
)
def test_a_linear_axis_has_round_ticks(low, high, ticks):
    assert labels(linear(low, high)) == ticks


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.12, 0.5, ["0.1", "0.2", "0.5"]),
        (1, 1, ["1", "2"]),
        (7.4e5, 9.6e9, ["10⁶", "10⁷", "10⁸", "10⁹", "10¹⁰"]),
        (0.003, 900, ["0.01", "0.1", "1", "10", "100", "1,000"]),
        (1e-7, 1, ["10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"]),
    ],
)
def test_a_logarithmic_axis_has_powers_of_ten(low, high, ticks):
    assert labels(logarithmic(low, high)) == ticks


@pytest.mark.parametrize(
    ("last", "ticks"), [(0, "0 1"), (1, "0 1"), (7, "0 1 2 3 4 5 6 7"), (149, "0 20 40 60 80 100 120 140")]
)
def test_steps_are_whole_numbers_from_zero(last, ticks):
    axis = starting_at_zero(last)
    assert labels(axis) == ticks.split()
    assert axis.place(max(1, last)) == 100


def is_good(axis, low, high, most):
    assert axis.holds(low)
    assert axis.holds(high)
    places = [tick.at for tick in axis.ticks]
    assert places == sorted(set(places))
    assert all(0 <= place <= 100 for place in places)
    assert 2 <= len(places) <= most
    assert len(set(labels(axis))) == len(places)


@given(ANY, ANY)
def test_a_linear_axis_covers_any_range(one, other):
    is_good(linear(min(one, other), max(one, other)), min(one, other), max(one, other), MOST_TICKS + 1)


@given(POSITIVE, POSITIVE)
def test_a_logarithmic_axis_covers_any_range(one, other):
    is_good(logarithmic(min(one, other), max(one, other)), min(one, other), max(one, other), MOST_CLOSE_TICKS)


@given(st.integers(0, 10**7))
def test_an_axis_of_steps_covers_any_number_of_them(last):
    is_good(starting_at_zero(last), 0, last, MOST_CLOSE_TICKS + 1)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 200.0, -1.0])
def test_what_lies_outside_is_not_held(log, value):
    axis = logarithmic(1, 100) if log else linear(0, 100)
    assert not axis.holds(value)
    assert axis.holds(100)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.25, "0.25"),
        (-0.0, "0"),
        (-3.5, "-3.5"),
        (147, "147"),
        (12000, "12,000"),
        (99999, "10⁵"),
        (787512.3, "7.875·10⁵"),
        (0.001, "0.001"),
        (0.000123, "1.23·10⁻⁴"),
        (-1e300, "-1·10³⁰⁰"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers_are_written_for_people(value, words):
    assert written(value) == words
