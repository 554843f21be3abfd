"""`grader.reports.curves`: any curves become a plot inside its area, and lines can be told apart without colours."""

from __future__ import annotations

import itertools
import math
import re

import pytest
from exhibit_examples import losses
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.curves import DASHES, NAME_GAP, SHAPES, TONES, describe_curves, draw_curves
from grader.vocabulary import evidence


def curves(values, *, log=False):
    return evidence.curves("plot", values, x_label="step", y_label="cost", log=log)


def plotted(values, *, log=False):
    return draw_curves(curves(values, log=log))


def numbers(path):
    return [int(number) for number in re.findall(r"-?\d+", path.replace("h0", ""))]


def test_a_line_goes_from_its_first_to_its_last_value():
    (line,) = plotted({"sgd": [0, 5, 10]}).lines
    assert line.path == "M0 1000 500 500 1000 0"
    assert line.marks == ((0, 100), (50, 50), (100, 0))
    assert line.end == (100, 0)
    assert (line.first, line.last, line.note) == ("0", "10", "")


def test_a_logarithmic_plot_gives_each_power_of_ten_the_same_room():
    plot = plotted({"sgd": [1, 10, 100]}, log=True)
    assert plot.lines[0].path == "M0 1000 500 500 1000 0"
    assert plot.y_label == "cost (logarithmic scale)"
    assert plotted({"sgd": [1, 10, 100]}).y_label == "cost"


def test_curves_of_different_length_share_the_steps():
    short, long = plotted({"short": [0, 10], "long": [0, 10, 0, 10, 0]}).lines
    assert short.end == (25, 0)
    assert long.end == (100, 100)


def test_a_thinned_curve_keeps_its_steps():
    plot = plotted({"long": range(2000)})
    assert plot.x_ticks[-1].label == "1,750"
    assert plot.lines[0].end == (100, pytest.approx(0.05, abs=0.1))


def test_a_gap_is_left_where_a_value_is_not_finite():
    (line,) = plotted({"sgd": [0, 10, math.nan, 10, math.inf, 0, 0]}).lines
    assert line.path == "M0 1000 167 0 M500 0h0 M833 1000 1000 1000"
    assert line.note == "not finite in places"


@pytest.mark.parametrize(
    ("values", "log", "note"),
    [
        ([3, 2, math.nan, math.nan], False, "not finite from step 2 on"),
        ([3, 2, 0, -1], True, "not positive from step 2 on"),
        ([3, -2, 1], True, "not positive in places"),
        ([3, -2, 1], False, ""),
    ],
)
def test_what_cannot_be_drawn_is_said(values, log, note):
    assert plotted({"sgd": values}, log=log).lines[0].note == note


def test_a_line_that_is_lost_leaves_the_others_readable():
    drawn = {line.name: line for line in plotted(losses(), log=True).lines}
    assert drawn["sgd lr 1"].note == "off the plot from step 3 on"
    assert drawn["sgd lr 1"].last == ""
    ends = [line.end[1] for name, line in drawn.items() if name != "sgd lr 1"]
    assert max(ends) - min(ends) > 40  # percent of the height that is left to tell them apart


def test_a_line_that_grows_by_itself_is_drawn_whole():
    (line,) = plotted({"accuracy": [0.001, 0.4, 0.8, 0.9]}).lines
    assert line.note == ""
    assert len(numbers(line.path)) == 8


def test_no_two_lines_look_the_same_even_in_grey():
    lines = plotted({f"lr {n}": [n, n + 1] for n in range(12)}).lines
    assert len({(line.dash, line.shape) for line in lines}) == 12
    assert len({line.tone for line in lines[:TONES]}) == TONES
    assert {line.dash for line in lines} == set(range(DASHES))
    assert {line.shape for line in lines} == set(range(SHAPES))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_names_beside_the_lines_never_cover_each_other(ends):
    lines = plotted({f"line {n}": [0.5, end] for n, end in enumerate(ends)}).lines
    places = sorted(line.name_at for line in lines)
    assert all(below - above >= NAME_GAP - 0.02 for above, below in itertools.pairwise(places))
    assert places[0] >= 0
    assert places[-1] <= 100
    order = sorted(lines, key=lambda line: line.name_at)
    assert [line.end[1] for line in order] == sorted(line.end[1] for line in lines)


def test_a_single_line_needs_no_name_beside_it():
    assert plotted({"sgd": [1, 2]}).name_width == 0
    assert plotted({"sgd": [1, 2], "momentum": [1, 2]}).name_width == len("momentum")


@given(
    st.dictionaries(st.text(max_size=5), st.lists(st.floats() | st.floats(0, 1), max_size=30), max_size=5),
    st.booleans(),
)
def test_whatever_a_student_returns_can_be_drawn(values, log):
    plot = plotted(values, log=log)
    assert len(plot.lines) == len(values)
    for line in plot.lines:
        assert all(-1 <= number <= 1001 for number in numbers(line.path))
        assert all(-0.1 <= place <= 100.1 for mark in line.marks for place in mark)
        assert (line.end is None) == (line.path == "")
    assert plot.summary


def test_the_summary_says_where_the_lines_end():
    assert describe_curves(curves({"sgd": [9, 0.5]})) == "cost over step, 0.5 at the end"
    assert (
        describe_curves(curves({"sgd": [9, 12345678], "adam": [9, 2], "lost": [9, math.nan]}))
        == "cost over step; at the end 2 (adam) to 1.235e+07 (sgd)"
    )
    assert describe_curves(curves({"sgd": [math.inf], "b": []})) == "cost over step; no line ends at a finite value"
