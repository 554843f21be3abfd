"""Lay out curves as a plot: axes, lines, and a name beside the end of each line.

The page draws the lines as SVG that stretches with the page, and all words as HTML over it, so that they keep their
size on a phone. Lines differ in colour, dashes and shape of marks, so that nobody needs the colours to read them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from grader.records.record import Curve, CurvesEvidence
from grader.reports.axes import LARGEST, SMALLEST, Axis, Tick, linear, logarithmic, starting_at_zero, written

TONES, DASHES, SHAPES = 8, 5, 6  # how many exhibits.css and drawings/curves.html.j2 have
NAME_GAP = 8.0  # percent of the plot's height that a name takes
_FEW = 12  # a line of so many points has a mark at each
_MARKS = 3  # along a longer line
_LOST = 100.0  # times what lines start with, and 95 % of all values stay below

Point = tuple[float, float]


class Line(NamedTuple):
    """One line: SVG path data in a square of 1000, marks in percent from left and top, and how it is drawn."""

    name: str
    tone: int
    dash: int
    shape: int
    path: str
    marks: tuple[Point, ...]
    end: Point | None  # None where nothing could be drawn
    name_at: float  # percent from the top, for the name beside the line's end
    first: str
    last: str  # empty where it is not finite
    note: str


class Plot(NamedTuple):
    """A plot ready to draw; widths are in characters."""

    name: str
    summary: str
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    tick_width: int
    name_width: int  # 0 where one line needs no name


def draw_curves(evidence: CurvesEvidence) -> Plot:
    """Lay out one plot."""
    x_axis = starting_at_zero(max((curve.steps - 1 for curve in evidence.curves), default=1))
    y_axis = _y_axis(evidence)
    lines = [_line(number, curve, x_axis, y_axis, evidence.x_label) for number, curve in enumerate(evidence.curves)]
    return Plot(
        name=evidence.name,
        summary=describe_curves(evidence),
        x_label=evidence.x_label,
        y_label=f"{evidence.y_label} (logarithmic scale)" if y_axis.log else evidence.y_label,
        x_ticks=x_axis.ticks,
        y_ticks=y_axis.ticks,
        lines=_named_apart(lines),
        tick_width=max(len(tick.label) for tick in y_axis.ticks),
        name_width=max(len(line.name) for line in lines) if len(lines) > 1 else 0,
    )


def describe_curves(evidence: CurvesEvidence) -> str:
    """Say in a sentence where the lines end."""
    ends = sorted((float(curve.values[-1]), curve.name) for curve in evidence.curves if curve.values)
    ends = [end for end in ends if math.isfinite(end[0])]
    what = f"{evidence.y_label} over {evidence.x_label}"
    if not ends:
        return f"{what}; no line ends at a finite value"
    (lowest, low_name), (highest, high_name) = ends[0], ends[-1]
    if len(evidence.curves) == 1:
        return f"{what}, {lowest:.4g} at the end"
    return f"{what}; at the end {lowest:.4g} ({low_name}) to {highest:.4g} ({high_name})"


def _points(curve: Curve) -> list[Point]:
    """Return (step, value) of every point; the words for NaN and infinities become floats again."""
    stride = (curve.steps - 1) / max(1, len(curve.values) - 1)
    return [(at * stride, float(value)) for at, value in enumerate(curve.values)]


def _y_axis(evidence: CurvesEvidence) -> Axis:
    values = [[float(value) for value in curve.values] for curve in evidence.curves]
    heights = sorted(y for line in values for y in line if abs(y) <= LARGEST)
    # A line that is lost (a rate too large) leaves the plot, and the others can still be read.
    usual = [*heights[int(0.95 * len(heights)) :][:1], *(line[0] for line in values if line)]
    ceiling = _LOST * max((abs(y) for y in usual if abs(y) <= LARGEST), default=0.0)
    heights = [y for y in heights if abs(y) <= ceiling]
    positive = [y for y in heights if y >= SMALLEST]
    if evidence.log and positive:
        return logarithmic(min(positive), max(positive))
    low, high = min(heights, default=0.0), max(heights, default=1.0)
    return linear(0.0 if 0 < low < high / 2 else low, high)


def _line(number: int, curve: Curve, x_axis: Axis, y_axis: Axis, x_label: str) -> Line:
    points = _points(curve)
    runs = [list(run) for drawn, run in groupby(points, lambda point: y_axis.holds(point[1])) if drawn]
    places = [[(x_axis.place(x), 100 - y_axis.place(y)) for x, y in run] for run in runs]
    flat = [place for run in places for place in run]
    return Line(
        name=curve.name,
        tone=number % TONES,
        dash=number % DASHES,
        shape=number % SHAPES,
        path=" ".join(_path(run) for run in places),
        marks=_marks(flat, number),
        end=_rounded(flat[-1]) if flat else None,
        name_at=flat[-1][1] if flat else 100.0,
        first=written(points[0][1]) if points else "",
        last=written(points[-1][1]) if points and math.isfinite(points[-1][1]) else "",
        note=_note(points, y_axis, x_label),
    )


def _path(run: Sequence[Point]) -> str:
    """Write the path data of one stretch; a single point becomes a line of length 0, which round ends show as a dot."""
    words = " ".join(f"{10 * x:.0f} {10 * y:.0f}" for x, y in run)
    return f"M{words}h0" if len(run) == 1 else f"M{words}"


def _marks(places: Sequence[Point], number: int) -> tuple[Point, ...]:
    """Choose places for marks, at different steps for lines that lie on each other."""
    if len(places) <= _FEW:
        return tuple(_rounded(place) for place in places)
    shares = [(mark + (number % DASHES + 0.5) / DASHES) / _MARKS for mark in range(_MARKS)]
    along = [places[int(share * len(places))] for share in shares]
    return tuple(_rounded(place) for place in (*along, places[-1]))


def _note(points: Sequence[Point], y_axis: Axis, x_label: str) -> str:
    """Say where a line is not drawn, and why."""
    missing = [(step, value) for step, value in points if not y_axis.holds(value)]
    if not missing:
        return ""
    step, value = missing[0]
    why = "not finite" if not math.isfinite(value) else "not positive" if y_axis.log and value <= 0 else "off the plot"
    to_the_end = len(missing) == sum(place >= step for place, _ in points)
    return f"{why} from {x_label} {step:.0f} on" if to_the_end else f"{why} in places"


def _named_apart(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Move names that would overlap down to a free place, then move up again those that left the plot."""
    order = sorted(range(len(lines)), key=lambda number: lines[number].name_at)
    heights = [lines[number].name_at for number in order]
    for at in range(1, len(heights)):
        heights[at] = max(heights[at], heights[at - 1] + NAME_GAP)
    limit = 100.0
    for at in reversed(range(len(heights))):
        heights[at] = min(heights[at], limit)
        limit = heights[at] - NAME_GAP
    placed = dict(zip(order, heights, strict=True))
    return tuple(line._replace(name_at=round(placed[number], 2)) for number, line in enumerate(lines))


def _rounded(place: Point) -> Point:
    return round(place[0], 2), round(place[1], 2)
