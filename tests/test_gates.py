"""`@metric` and `gates.require`: one road from a check, and from calibration, to what a gate judges."""

import math
from types import SimpleNamespace

import pytest

from grader import Measured, evidence, metric
from grader.course.part_toml import Gate
from grader.errors import CourseError, Mismatch
from grader.grading.check_inputs import CheckInputs
from grader.grading.pytest_fixtures import CheckFixtures
from grader.records.record import Visibility
from grader.vocabulary.exhibits import Exhibits
from grader.vocabulary.gates import Gates, matched, metrics_in
from grader.vocabulary.metric import INPUTS

NAN = math.nan


def gate(**changes):
    return Gate(**({"title": "loss", "threshold": 0.2, "k": 4, "floor": 0.1} | changes))


class SameForEveryRun:
    """Inputs of a metric that asks for none."""

    def of_run(self, _):
        return self


def gates_of(gate, run):
    """The gates of a check with one gate, whose metric calls ``run``; and what its runs note."""

    @metric
    def loss():
        return run()

    noted = {}
    exhibits = Exhibits(noted, "a_check", Visibility.visible)
    terms = {"gates": {"loss": gate}, "metrics": {"loss": loss}, "inputs": SameForEveryRun()}
    return Gates(**terms, figures={}, exhibits=exhibits), noted


def best(gate, *values):
    """Require a gate whose runs give these values: the value, or the failure, and how many runs were made."""
    made = []

    def run():
        made.append(values[len(made)])
        return made[-1]

    gates, _ = gates_of(gate, run)
    try:
        return gates.require("loss", name="the loss"), len(made)
    except Mismatch as failure:
        assert gates.figures == {}
        return failure, len(made)


def test_require_stops_at_the_first_run_that_is_good_enough():
    assert best(gate(), 0.5, 0.2, 0.15) == (0.2, 2)
    assert best(gate(better="higher", threshold=5, floor=9), 1.0, 5.0, 7.0) == (5.0, 2)


def test_require_gives_up_after_k_runs_and_tells_the_best():
    failure, runs = best(gate(), 0.9, 0.4, 0.7, 0.8, 0.15)
    assert runs == 4
    assert failure.message == "The loss is not good enough in any of 4 runs."
    assert "gives 0.4; a correct solution reaches 0.2" in failure.detail
    failure, _ = best(gate(better="higher", threshold=5, floor=None, k=2), 1.0, 3.0)
    assert "gives 3; a correct solution reaches 5" in failure.detail


def test_a_check_may_say_in_its_own_words_that_no_run_was_good_enough():
    values = iter([3.0, 4.0])
    gates, _ = gates_of(gate(better="higher", threshold=5, floor=None, k=2), lambda: next(values))
    with pytest.raises(Mismatch) as caught:
        gates.require("loss", name="the loss", otherwise="It is small already.")
    assert caught.value.message == "It is small already."
    assert "gives 4; a correct solution reaches 5" in caught.value.detail


def test_a_run_beyond_the_floor_fails_at_once():
    failure, runs = best(gate(), 0.9, 0.05, 0.15)
    assert runs == 2
    assert failure.message == "The loss is better than any solution can be."
    assert "0.05; the best possible is 0.1" in failure.detail
    failure, runs = best(gate(better="higher", threshold=5, floor=9), 9.5)
    assert runs == 1
    assert "better than any" in failure.message
    assert best(gate(), 0.1) == (0.1, 1)  # the floor itself can be reached


def test_a_run_of_nan_is_a_miss_and_does_not_hide_the_others():
    failure, runs = best(gate(), NAN, 0.5, NAN, 0.6)
    assert runs == 4
    assert "gives 0.5" in failure.detail
    assert best(gate(), NAN, NAN, 0.15) == (0.15, 3)
    failure, _ = best(gate(better="higher", threshold=5, floor=None), NAN, 1.0, 2.0, NAN)
    assert "gives 2" in failure.detail
    failure, _ = best(gate(k=1), NAN)
    assert "gives nan" in failure.detail


@pytest.mark.parametrize(
    ("value", "missed"), [(0.2, False), (0.21, True), (0.1, False), (0.099, True), (-math.inf, True), (NAN, True)]
)
def test_a_value_beyond_the_floor_is_a_miss_of_a_single_run(value, missed):
    assert gate().missed(value) is missed
    turned = gate(better="higher", threshold=-0.2, floor=-0.1)
    assert turned.missed(-value) is missed


def test_without_a_floor_nothing_is_too_good():
    assert not gate(floor=None).missed(-math.inf)
    assert not gate(floor=None, better="higher").missed(math.inf)


def test_no_option_gets_through_require_to_a_metric():
    gates, _ = gates_of(gate(), lambda: 0.15)
    with pytest.raises(TypeError, match="num_steps"):
        gates.require("loss", name="the loss", num_steps=2)
    with pytest.raises(TypeError, match="positional"):
        gates.require("loss", 2, name="the loss")


def test_a_metric_cannot_be_called():
    @metric
    def loss(submission):
        return submission.loss()

    with pytest.raises(
        CourseError, match=r"test_gates.py:\d+: run metric 'loss' with gates.require\('loss', name=...\)"
    ):
        loss(SimpleNamespace(loss=lambda: 1.0))


def test_a_metric_gets_what_it_asks_for_and_no_more():
    @metric
    def loss(rng, sizes):
        return rng + sizes["n"]

    assert loss.measure(SimpleNamespace(rng=1, sizes={"n": 2})) == Measured(value=3.0)


def test_a_metric_that_asks_for_anything_else_is_refused_with_file_and_line():
    def loss(submission, num_steps):
        return submission.loss(num_steps)

    with pytest.raises(
        CourseError, match=r"test_gates.py:\d+: metric 'loss' asks for 'num_steps'; it may ask for: sub"
    ):
        metric(loss)


def test_all_that_a_metric_may_ask_for_is_defined_once_and_given_to_checks_too():
    assert all(hasattr(CheckFixtures, name) for name in INPUTS)
    given = {*CheckInputs.__dataclass_fields__, *vars(CheckInputs)}
    assert set(INPUTS) <= given


def test_figures_and_exhibits_of_the_runs_are_noted():
    values = iter([0.9, 0.15])

    def run():
        value = next(values)
        curves = evidence.curves("cost", {"sgd": [1.0, value]}, x_label="step", y_label="cost")
        return Measured(value=value, figures={"accuracy": value, "seen": 1.0}, exhibits=[curves])

    gates, noted = gates_of(gate(), run)
    assert gates.require("loss", name="the loss") == 0.15
    assert gates.figures == {"accuracy": 0.15, "seen": 1.0, "loss": 0.15}
    curves = noted["cost"].evidence.curves
    assert [(curve.name, curve.values) for curve in curves] == [("sgd", (1, 0.9)), ("sgd, try 2", (1, 0.15))]
    assert noted["cost"].check == "a_check"


def test_a_gate_and_its_metric_need_each_other():
    @metric
    def loss():
        return 1.0

    metrics = metrics_in([loss, 5, "loss", gate()])
    assert metrics == {"loss": loss}
    matched({"loss": gate()}, metrics, "check_a.py")
    with pytest.raises(
        CourseError, match=r"check_a\.py: gate 'other' of part\.toml has no metric; declare it with @metric"
    ):
        matched({"loss": gate(), "other": gate()}, metrics, "check_a.py")
    with pytest.raises(CourseError, match=r"test_gates.py:\d+: metric 'loss' has no gate; add \[gates.loss\]"):
        matched({}, metrics, "check_a.py")


def test_a_gate_that_is_not_there_is_a_fault_of_the_course():
    gates, _ = gates_of(gate(), lambda: 0.15)
    with pytest.raises(CourseError, match=r"part\.toml has no gate 'los'; there are: loss"):
        gates.require("los", name="the loss")
