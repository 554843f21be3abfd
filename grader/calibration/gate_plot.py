"""Draw a gate's calibration: a row for each solution, a tick for each of its runs.

Rows of ticks stay readable for sixty solutions, and show every single run. The few runs on the wrong side of the gate,
which decide how good it is, have a colour of their own. The numbers beside a row are for the best of k runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from grader.calibration.distributions import CAUGHT, CONFIDENCE, GateCalibration
from grader.course.part_toml import Gate

RIGHT, MISTAKE, ASTRAY, OTHER = "#0a5ea8", "#454d55", "#d1480b", "#9aa3ab"
_INK, _QUIET, _LINE, _GOOD_SIDE = "#1b2026", "#59636e", "#e2e5e9", "#e9f5ee"
_WIDTH, _ROW, _TOP, _BOTTOM = 11.0, 0.21, 1.05, 0.6  # inches
_PLOT_LEFT, _PLOT_WIDTH = 0.2, 0.53  # of the width
_COLUMNS = (1.11, 1.23, 1.35, 1.49)  # right ends of the columns of numbers, in widths of the plot
_BEYOND = 1e4  # draw values farther than this from the gate and all right runs at the edge
_LOG_FROM = 30.0  # use a logarithmic axis if the largest value is this many times the smallest

Runs = Mapping[str, Sequence[float]]  # single runs by the solution's name


class SolutionRow(NamedTuple):
    """One solution: its runs, and probabilities for the best of k runs."""

    name: str
    runs: Sequence[float]
    astray: int  # right runs that miss the gate, wrong runs that reach it
    estimate: float  # of P(a right solution fails), or of P(a mistake passes)
    bound: float  # its upper confidence bound


class Group(NamedTuple):
    """Rows under a heading. ``good`` says whether their runs should reach the gate; None if both are fine."""

    title: str
    columns: tuple[str, str]  # headings: what stray runs do, and the probability
    colour: str
    good: bool | None
    rows: tuple[SolutionRow, ...]


class Scale(NamedTuple):
    """The horizontal axis."""

    low: float
    high: float
    log: bool


def save_plot(gate: Gate, measured: GateCalibration, right: Runs, wrong: Runs, path: Path) -> None:
    """Draw one gate and save it as a PNG in ``path``; the same runs give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw(gate, measured, right, wrong).savefig(path, format="png", dpi=110, metadata={"Software": None})


def draw(gate: Gate, measured: GateCalibration, right: Runs, wrong: Runs) -> Figure:
    """Return the figure of one gate; ``right`` and ``wrong`` hold the runs that ``measured`` sums up."""
    groups = groups_of(measured, right, wrong)
    lines = sum(len(group.rows) + 1.5 for group in groups)
    height = _TOP + _BOTTOM + _ROW * lines
    figure = Figure(figsize=(_WIDTH, height))
    FigureCanvasAgg(figure)  # not pyplot, which opens windows and shares state between figures
    axes = figure.add_axes((_PLOT_LEFT, _BOTTOM / height, _PLOT_WIDTH, 1 - (_TOP + _BOTTOM) / height))
    scale = scale_of(gate, right.values(), wrong.values())
    _draw_gate(axes, gate, scale)
    first = 0.0
    for group in groups:
        _draw_group(axes, first, group, gate, scale)
        first += len(group.rows) + 1.5
    axes.set_ylim(lines - 0.7, -0.7)
    figure.text(0.012, 1 - 0.27 / height, gate.title, fontsize=12, fontweight="bold", color=_INK, va="center")
    figure.text(0.012, 1 - 0.52 / height, _summary(measured), fontsize=9, color=_QUIET, va="center")
    return figure


def groups_of(measured: GateCalibration, right: Runs, wrong: Runs) -> list[Group]:
    """Return the right solutions, likeliest to fail first, and the mistakes, likeliest to pass first."""
    k, better = measured.k, 1.0 if measured.better == "lower" else -1.0
    above: list[SolutionRow] = []
    caught: list[SolutionRow] = []
    passed: list[SolutionRow] = []
    for name, runs in right.items():
        known = measured.correct[name]
        estimate = (known.misses / known.runs) ** k if known.runs else 1.0
        above.append(SolutionRow(name, runs, known.misses, estimate, known.miss_upper**k))
    for name, runs in wrong.items():
        known, bound = measured.mistakes[name], measured.mistake_passes[name]
        estimate = 1 - (known.misses / known.runs) ** k if known.runs else 1.0
        (caught if bound < CAUGHT else passed).append(
            SolutionRow(name, runs, known.runs - known.misses, estimate, bound)
        )
    above.sort(key=lambda row: (-row.bound, -better * _median(row.runs), row.name))
    for rows in (caught, passed):
        rows.sort(key=lambda row: (-row.bound, better * _median(row.runs), row.name))
    groups = (
        Group("Right solutions", ("miss", "P(false fail)"), RIGHT, True, tuple(above)),
        Group("Mistakes it catches", ("reach it", "P(passes)"), MISTAKE, False, tuple(caught)),
        Group("Not surely caught", ("reach it", "P(passes)"), OTHER, None, tuple(passed)),
    )
    return [group for group in groups if group.rows]


def scale_of(gate: Gate, right: Iterable[Sequence[float]], wrong: Iterable[Sequence[float]]) -> Scale:
    """Return an axis that shows the gate, all right runs, and mistakes as far as there is room."""
    near = [gate.threshold, *(value for runs in right for value in runs if math.isfinite(value))]
    every = [*near, *(value for runs in wrong for value in runs if math.isfinite(value))]
    positive = [value for value in every if value > 0]
    # A few runs may be exactly 0: on a logarithmic axis they are drawn at its edge.
    if gate.threshold > 0 and len(positive) > 0.9 * len(every) and max(positive) > _LOG_FROM * min(positive):
        low = max(min(positive), min(value for value in near if value > 0) / _BEYOND)
        high = min(max(positive), max(near) * _BEYOND)
        margin = (high / low) ** 0.03
        return Scale(low / margin, high * margin, log=True)
    span = max(near) - min(near) or abs(gate.threshold) or 1.0
    low, high = max(min(every), min(near) - 3 * span), min(max(every), max(near) + 3 * span)
    margin = 0.03 * (high - low or span)
    return Scale(low - margin, high + margin, log=False)


def _summary(measured: GateCalibration) -> str:
    caught = sum(passes < CAUGHT for passes in measured.mistake_passes.values())
    return (
        f"Best of {measured.k}. P(a right solution fails) ≤ {measured.false_fail:.1e} ({measured.worst_correct}), "
        f"with {CONFIDENCE:.0%} confidence. Catches {caught} of {len(measured.mistakes)} mistakes."
    )


def _draw_gate(axes: Axes, gate: Gate, scale: Scale) -> None:
    """Draw the gate as a line and tint its good side."""
    axes.set_xscale("log" if scale.log else "linear")
    axes.set_xlim(scale.low, scale.high)
    reached = (scale.low, gate.threshold) if gate.better == "lower" else (gate.threshold, scale.high)
    axes.axvspan(*reached, color=_GOOD_SIDE, linewidth=0, zorder=0)
    has_floor = gate.floor is not None and scale.low < gate.floor < scale.high
    away, towards = ("left", "right") if gate.better == "lower" else ("right", "left")
    _draw_limit(axes, gate.threshold, "gate", "-", away if has_floor else "center")
    if gate.floor is not None and has_floor:
        _draw_limit(axes, gate.floor, "floor", ":", towards)
    axes.grid(visible=True, axis="x", color=_LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_yticks([])
    axes.tick_params(axis="x", labelsize=8, colors=_QUIET)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    better = "smaller" if gate.better == "lower" else "larger"
    axes.set_xlabel(f"metric of one run, {better} is better", fontsize=9, color=_QUIET)


def _draw_limit(axes: Axes, value: float, name: str, style: str, side: str) -> None:
    axes.axvline(value, color=_INK, linewidth=1.4, linestyle=style, zorder=3)
    looks: dict[str, Any] = {"fontsize": 8, "fontweight": "bold", "color": _INK, "ha": side, "va": "bottom"}
    axes.text(value, 1.0, f"{name} {value:g}", transform=axes.get_xaxis_transform(), **looks)


def _draw_group(axes: Axes, first: float, group: Group, gate: Gate, scale: Scale) -> None:
    """Draw a heading at height ``first`` and the rows below it."""
    _write(axes, -0.012, first, group.title, fontweight="bold", fontsize=9)
    no_value = any(not math.isfinite(value) for row in group.rows for value in row.runs)
    headings = (*group.columns, f"{CONFIDENCE:.0%} bound", "no value" if no_value else "")
    for at, words in zip(_COLUMNS, headings, strict=True):
        _write(axes, at, first, words, color=_QUIET)
    for place, row in enumerate(group.rows, 1):
        _draw_runs(axes, first + place, row, group, gate, scale)
        _draw_numbers(axes, first + place, row, group)


def _draw_runs(axes: Axes, place: float, row: SolutionRow, group: Group, gate: Gate, scale: Scale) -> None:
    """Draw a tick for each run, those on the wrong side on top, and a dot at the median."""
    finite = [value for value in row.runs if math.isfinite(value)]
    shown = [min(max(value, scale.low), scale.high) for value in finite]
    good = [gate.reached(value) and not gate.beyond_floor(value) for value in finite]
    astray = [at for at, side in zip(shown, good, strict=True) if group.good is not None and side != group.good]
    faint = min(0.8, max(0.1, 30 / max(1, len(shown))))  # overlapping ticks add up
    for values, colour, alpha in ((shown, group.colour, faint), (astray, ASTRAY, 1.0)):
        axes.plot(values, [place] * len(values), "|", color=colour, alpha=alpha, markersize=9, zorder=4)
    if shown:
        axes.plot(_median(shown), place, "o", markersize=4.5, color=group.colour, markeredgecolor="white", zorder=5)
    below, above = sum(value < scale.low for value in finite), sum(value > scale.high for value in finite)
    paper = {"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 0.6}
    for at, words, side in ((0.012, f"◂ {below}" * (below > 0), "left"), (0.988, f"{above} ▸" * (above > 0), "right")):
        _write(axes, at, place, words, color=_QUIET, ha=side, bbox=paper)


def _draw_numbers(axes: Axes, place: float, row: SolutionRow, group: Group) -> None:
    """Write the solution's name, and its numbers beside the runs."""
    _write(axes, -0.012, place, row.name)
    nothing = sum(not math.isfinite(value) for value in row.runs)
    chances = _chance(row.estimate), f"≤ {_chance(row.bound)}", str(nothing or "")
    for at, words in zip(_COLUMNS, (f"{row.astray} / {len(row.runs)}", *chances), strict=True):
        _write(axes, at, place, words, color=ASTRAY if row.astray and group.good is not None else _INK)


def _chance(p: float) -> str:
    return f"{p:.1e}" if 0 < p < 0.001 else f"{p:.2g}"


def _write(axes: Axes, at: float, place: float, words: str, **looks: Any) -> None:
    """Write words that end at ``at`` widths of the plot, at the height of a row."""
    looks = {"fontsize": 8, "color": _INK, "ha": "right", "va": "center", "zorder": 6, **looks}
    axes.text(at, place, words, transform=axes.get_yaxis_transform(), **looks)


def _median(runs: Sequence[float]) -> float:
    finite = sorted(value for value in runs if math.isfinite(value))
    return finite[len(finite) // 2] if finite else math.inf
