"""`grader.calibration.gate_plot`: every run is on the picture, on its side of the gate, with what follows from it."""

from __future__ import annotations

import math
import random

import pytest

from grader.calibration.distributions import GateCalibration, distribution, upper_bound
from grader.calibration.gate_plot import ASTRAY, MISTAKE, OTHER, RIGHT, Runs, draw, groups_of, save_plot, scale_of
from grader.course.part_toml import Gate

GATE = Gate(title="Loss after 1000 epochs", threshold=0.05, k=3)
CHANCE = random.Random(1)
GOOD_RUNS = {
    "reference": [10 ** CHANCE.uniform(-6, -2) for _ in range(200)],
    "variant": [*(10 ** CHANCE.uniform(-6, -2) for _ in range(195)), 0.06, 0.07, 0.3, 0.4, math.nan],
}
BAD_RUNS = {
    "caught": [CHANCE.uniform(1, 20) for _ in range(99)] + [0.01],
    "lost": [math.nan] * 60 + [1e30] * 40,
    "passes": [1e-4] * 50 + [2.0] * 50,
}


def measure(gate: Gate, right: Runs, wrong: Runs) -> GateCalibration:
    correct = {name: distribution(gate, runs) for name, runs in right.items()}
    mistakes = {name: distribution(gate, runs) for name, runs in wrong.items()}
    worst = max(correct, key=lambda name: correct[name].miss_upper)
    return GateCalibration(
        threshold=gate.threshold,
        k=gate.k,
        floor=gate.floor,
        false_fail=correct[worst].miss_upper ** gate.k,
        worst_correct=worst,
        correct=correct,
        mistakes=mistakes,
        mistake_passes={name: 1 - (1 - known.pass_upper) ** gate.k for name, known in mistakes.items()},
        better=gate.better,
    )


def drawn(gate=GATE, right=None, wrong=None):
    right, wrong = GOOD_RUNS if right is None else right, BAD_RUNS if wrong is None else wrong
    return draw(gate, measure(gate, right, wrong), right, wrong)


def words(figure):
    return [text.get_text() for text in (*figure.texts, *figure.axes[0].texts) if text.get_text()]


def ticks(figure, colour):
    """Number of runs in each row that has ticks of a colour, from the top."""
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "|" and line.get_color() == colour]
    return [len(line.get_xdata()) for line in lines if len(line.get_xdata())]


def test_every_finite_run_has_a_tick_and_those_astray_have_another_over_it():
    figure = drawn()
    assert ticks(figure, RIGHT) == [199, 200]  # the variant, nearer to failing, comes first
    assert ticks(figure, MISTAKE) == [100, 40]
    assert ticks(figure, OTHER) == [100]
    assert ticks(figure, ASTRAY) == [4, 1]


def test_ticks_astray_lie_on_the_wrong_side_of_the_gate():
    (misses, reaches) = [
        line.get_xdata() for line in drawn().axes[0].lines if line.get_color() == ASTRAY and len(line.get_xdata())
    ]
    assert min(misses) > GATE.threshold
    assert max(reaches) < GATE.threshold


def test_the_gate_is_a_line_across_all_rows():
    axes = drawn().axes[0]
    assert [
        list(line.get_xdata())
        for line in axes.lines
        if line.get_linestyle() == "-" and not line.get_marker().strip("None")
    ] == [[GATE.threshold] * 2]
    assert "gate 0.05" in words(drawn())
    assert axes.get_xscale() == "log"


def test_estimates_and_bounds_stand_beside_the_rows():
    said = words(drawn())
    assert said[0] == "Loss after 1000 epochs"
    bound = upper_bound(5, 200) ** 3
    assert said[1] == (
        f"Best of 3. P(a right solution fails) ≤ {bound:.1e} (variant), with 95% confidence. Catches 2 of 3 mistakes."
    )
    at = said.index("variant")
    assert said[at + 1 : at + 5] == ["5 / 200", f"{(5 / 200) ** 3:.1e}", f"≤ {bound:.1e}", "1"]
    at = said.index("caught")
    assert said[at + 1 : at + 4] == ["1 / 100", f"{1 - 0.99**3:.2g}", f"≤ {1 - (1 - upper_bound(1, 100)) ** 3:.2g}"]
    at = said.index("lost")
    assert said[at - 1 : at + 5] == [
        "40 ▸",
        "lost",
        "0 / 100",
        "0",
        f"≤ {1 - (1 - upper_bound(0, 100)) ** 3:.2g}",
        "60",
    ]
    assert [word for word in said if word in ("Right solutions", "Mistakes it catches", "Not surely caught")] == [
        "Right solutions",
        "Mistakes it catches",
        "Not surely caught",
    ]


def test_the_nearest_to_the_wrong_side_come_first():
    far, near = [0.001] * 50, [0.04] * 50
    right, wrong = {"far": far, "near": near}, {"near": [0.06] * 50, "far": [9.0] * 50}
    groups = groups_of(measure(GATE, right, wrong), right, wrong)
    assert [[row.name for row in group.rows] for group in groups] == [["near", "far"], ["near", "far"]]
    turned = Gate(title="Accuracy", threshold=0.05, k=3, better="higher")
    groups = groups_of(measure(turned, wrong, right), wrong, right)
    assert [[row.name for row in group.rows] for group in groups] == [["near", "far"], ["near", "far"]]


def test_runs_beyond_the_floor_are_astray_though_they_reach_the_gate():
    gate = Gate(title="Loss", threshold=0.2, k=2, floor=0.1)
    figure = drawn(gate, {"reference": [0.12] * 9 + [0.05]}, {})
    assert ticks(figure, ASTRAY) == [1]
    assert "floor 0.1" in words(figure)


def test_a_gate_that_larger_values_reach_is_drawn_so():
    gate = Gate(title="Accuracy", threshold=0.6, k=2, better="higher")
    figure = drawn(gate, {"reference": [0.7, 0.75, 0.55]}, {"guess": [0.1, 0.12]})
    assert ticks(figure, ASTRAY) == [1]
    assert figure.axes[0].get_xscale() == "linear"
    assert figure.axes[0].get_xlabel() == "metric of one run, larger is better"


def test_values_far_apart_get_a_logarithmic_axis_and_a_lost_run_does_not_squeeze_the_others():
    scale = scale_of(GATE, GOOD_RUNS.values(), BAD_RUNS.values())
    assert scale.log
    assert scale.low <= min(GOOD_RUNS["reference"])
    assert 20 < scale.high < 1e6
    linear = scale_of(GATE, [[0.04, -0.01]], [[0.06, -1e9, 1e9]])
    assert not linear.log
    assert linear.low < -0.01
    assert linear.low > -1
    assert 0.06 < linear.high < 1


@pytest.mark.parametrize(
    ("right", "wrong"),
    [([0.05], []), ([math.nan], [[math.nan]]), ([0.0, 0.0], [[0.0]]), ([0.01, 0.0], [[5.0]]), ([1e-300], [[1e300]])],
    ids=str,
)
def test_any_runs_can_be_drawn(right, wrong, tmp_path):
    wrong = {f"m{n}": runs for n, runs in enumerate(wrong)}
    save_plot(GATE, measure(GATE, {"reference": right}, wrong), {"reference": right}, wrong, tmp_path / "g.png")
    assert (tmp_path / "g.png").stat().st_size > 5000


def test_the_same_runs_give_the_same_bytes(tmp_path):
    for name in ("a.png", "b/b.png"):
        save_plot(GATE, measure(GATE, GOOD_RUNS, BAD_RUNS), GOOD_RUNS, BAD_RUNS, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b" / "b.png").read_bytes()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_sixty_solutions_have_a_row_each():
    wrong = {f"mistake_{n}": [1.0 + n] * 10 for n in range(60)}
    figure = drawn(wrong=wrong)
    heights = {text.get_position()[1] for text in figure.axes[0].texts if text.get_text().startswith("mistake_")}
    assert len(heights) == 60
    assert figure.get_size_inches()[1] > 60 * 0.2
