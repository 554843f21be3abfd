"""`grader.calibration`: exact bounds, and everything that makes a stored calibration worthless."""

import math
import random
from pathlib import Path

import msgspec
import pytest
from course_examples import make_course

from grader.calibration import stored
from grader.calibration.distributions import distribution, suggest_k, summarise, upper_bound, with_mistakes
from grader.calibration.stored import Calibration, metrics_sha256, read, solutions_sha256, uncalibrated, write
from grader.course.catalog import Part
from grader.course.part_toml import MINI_CPU, Gate, Setting
from grader.errors import CourseError

NAN = math.nan
METRICS = "from grader import metric\n\n@metric\ndef loss(submission):\n    return 1.0\n"
LOWER = Gate(title="loss", threshold=1.0, k=3)


def problems(part):
    return [problem.words for problem in stored.problems(part)]


@pytest.mark.parametrize(
    ("successes", "trials", "confidence", "bound"),
    [
        (0, 10, 0.95, 1 - 0.05 ** (1 / 10)),  # closed form: nobody failed, (1 - p)^n = 0.05
        (0, 1000, 0.95, 1 - 0.05 ** (1 / 1000)),
        (9, 10, 0.95, 0.95 ** (1 / 10)),  # closed form: one succeeded less than all, p^n = 0.95
        (1, 10, 0.95, 0.3941633),  # tables: the upper end of the two-sided 90 % interval
        (5, 10, 0.95, 0.7775589),
        (1, 10, 0.975, 0.4450161),  # the upper end of the two-sided 95 % interval
        (5, 10, 0.975, 0.8129140),
        (10, 10, 0.95, 1.0),
        (0, 0, 0.95, 1.0),
    ],
)
def test_the_upper_bound_is_clopper_and_pearsons(successes, trials, confidence, bound):
    assert upper_bound(successes, trials, confidence) == pytest.approx(bound, abs=1e-6)


def binomial_tail(successes, trials, p):
    """P(X <= successes), an independent witness without scipy."""
    return sum(math.comb(trials, i) * p**i * (1 - p) ** (trials - i) for i in range(successes + 1))


@pytest.mark.parametrize(("successes", "trials"), [(0, 7), (3, 20), (17, 60), (1, 100)])
def test_at_the_bound_so_few_successes_have_a_chance_of_five_percent(successes, trials):
    assert binomial_tail(successes, trials, upper_bound(successes, trials)) == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize("p", [0.02, 0.15, 0.6])
def test_the_bound_covers_the_truth_in_at_least_95_of_100_samples(p):
    draw = random.Random(1)
    samples = [sum(draw.random() < p for _ in range(100)) for _ in range(1000)]
    covered = sum(upper_bound(successes, 100) >= p for successes in samples)
    assert covered >= 930  # 950 are promised on average; the standard deviation is 7


@pytest.mark.parametrize(
    ("miss_upper", "target", "k"),
    [(0.01, 1e-4, 2), (0.011, 1e-4, 3), (0.5, 1e-4, 14), (0.00005, 1e-4, 1), (0.0, 1e-4, 1), (1.0, 1e-4, None)],
)
def test_the_smallest_k_is_suggested(miss_upper, target, k):
    assert suggest_k(miss_upper, target) == k
    if k and k > 1:
        assert miss_upper**k <= target < miss_upper ** (k - 1)


def test_a_distribution_counts_nan_and_infinity_as_misses_and_describes_the_rest():
    runs = distribution(LOWER, [0.5, NAN, 2.0, 1.0, math.inf, 0.7])
    assert (runs.runs, runs.misses) == (6, 3)
    assert (runs.minimum, runs.median, runs.maximum) == (0.5, 1.0, 2.0)
    assert runs.miss_upper == upper_bound(3, 6)
    assert runs.pass_upper == upper_bound(3, 6)


def test_a_solution_that_never_gives_a_number_misses_always():
    runs = distribution(LOWER, [NAN] * 5)
    assert (runs.misses, runs.minimum, runs.q95, runs.miss_upper) == (5, None, None, 1.0)


def test_a_gate_where_higher_is_better_counts_the_other_way_round():
    gate = Gate(title="accuracy", threshold=0.9, k=2, better="higher")
    assert distribution(gate, [0.95, 0.9, 0.5, NAN]).misses == 2


def course_part(root: Path) -> Part:
    part = Part(make_course(root, datasets=True).root, "lab1", "thing")
    texts = {
        part.reference: "def f(): pass\n",
        part.check_file: METRICS,
        part.fixture_folder / "part.toml": 'title = "T"\n[gates.loss]\ntitle = "loss"\nthreshold = 1.0\nk = 3\n',
        part.fixture_folder / "mistakes" / "wrong.py": '"""Hint."""\n',
        part.fixture_folder / "variants" / "other.py": "",
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return part


def measured(part, gate=LOWER, misses=0):
    right = [NAN] * misses + [0.5] * (1000 - misses)
    runs = {part.reference: [0.5] * 1000, part.variants[0]: right, part.mistakes[0]: [0.5] + [2.0] * 99}
    return summarise(gate, runs, part)


def calibrated(part, **changes):
    fields = {
        "solutions_sha256": solutions_sha256(part, ["reference", "other"]),
        "metrics_sha256": metrics_sha256(part),
        "sizes": {},
        "datasets": {},
        "confidence": 0.95,
        "environment": "here",
        "gates": {"loss": measured(part)},
    }
    stored.write(part, Calibration(**(fields | changes)))
    return Part(part.course, part.assignment, part.name)


def test_the_summary_bounds_the_worst_right_solution_and_every_mistake(tmp_path):
    part = course_part(tmp_path)
    summary = measured(part, misses=10)
    assert set(summary.correct) == {"reference", "other"}
    assert summary.worst_correct == "other"
    assert summary.false_fail == pytest.approx(upper_bound(10, 1000) ** 3)
    assert summary.mistake_passes == {"wrong": pytest.approx(1 - (1 - upper_bound(1, 100)) ** 3)}


def test_a_calibration_comes_back_as_it_was_stored(tmp_path):
    part = course_part(tmp_path)
    assert stored.read(part) is None
    calibrated(part)
    assert stored.read(part).gates == {"loss": measured(part)}


def test_a_fresh_calibration_has_no_problems(tmp_path):
    assert problems(calibrated(course_part(tmp_path))) == []


def test_a_part_without_gates_needs_no_calibration(tmp_path):
    part = course_part(tmp_path)
    (part.fixture_folder / "part.toml").write_text('title = "T"')
    part.check_file.write_text("# no metrics\n")
    assert problems(part) == []


def test_a_missing_calibration_is_a_problem(tmp_path):
    assert problems(course_part(tmp_path)) == ["there is no calibration.json"]


def test_a_changed_reference_or_check_makes_it_stale(tmp_path):
    part = calibrated(course_part(tmp_path))
    part.reference.write_text("def f(): return 1\n")
    assert problems(part) == ["reference changed since it was calibrated"]
    part.variants[0].write_text("def f(): return 2\n")
    assert problems(part) == ["reference, other changed since it was calibrated"]
    part.check_file.write_text(METRICS.replace("1.0", "2.0"))
    assert problems(part)[1:] == ["the code behind metric loss has changed since the calibration"]


@pytest.mark.parametrize(
    "change", ["threshold = 1.5\nk = 3", "threshold = 1.0\nk = 2", "threshold = 1\nk = 3\nfloor = 0"]
)
def test_a_changed_gate_is_a_problem(tmp_path, change):
    part = course_part(tmp_path)
    (part.fixture_folder / "part.toml").write_text(f'title = "T"\n[gates.loss]\ntitle = "t"\n{change}\n')
    assert problems(calibrated(part)) == ["gate loss in part.toml is new or has changed since the calibration"]


def test_turning_a_gate_round_is_a_change_too(tmp_path):
    part = course_part(tmp_path)
    calibrated(part)
    text = 'title = "T"\n[gates.loss]\ntitle = "t"\nthreshold = 1.0\nk = 3\nbetter = "higher"\n'
    (part.fixture_folder / "part.toml").write_text(text)
    assert problems(Part(tmp_path, "lab1", "thing")) == [
        "gate loss in part.toml is new or has changed since the calibration"
    ]


def test_a_new_gate_is_a_problem_until_it_is_calibrated(tmp_path):
    (problem,) = problems(calibrated(course_part(tmp_path), gates={}))
    assert problem == "gate loss in part.toml is new or has changed since the calibration"


def test_a_gate_that_fails_right_solutions_too_often_is_a_problem(tmp_path):
    part = course_part(tmp_path)
    (problem,) = problems(calibrated(part, gates={"loss": measured(part, misses=60)}))
    assert "fails a correct solution (other) with up to 4" in problem
    nan = msgspec.structs.replace(measured(part), false_fail=NAN)
    with pytest.raises(CourseError, match="false_fail"):
        problems(calibrated(part, gates={"loss": nan}))


def test_a_gate_that_catches_no_mistake_is_a_problem_where_mistakes_were_run(tmp_path):
    part = course_part(tmp_path)
    runs = {part.reference: [0.5] * 1000, part.variants[0]: [0.5] * 1000}
    few = summarise(LOWER, runs | {part.mistakes[0]: [2.0] * 3}, part)
    assert problems(calibrated(part, gates={"loss": few})) == [
        "gate loss is not shown to catch any mistake: run mistakes more often, or change the threshold"
    ]
    enough = summarise(LOWER, runs | {part.mistakes[0]: [2.0] * 15}, part)
    assert problems(calibrated(part, gates={"loss": enough})) == []
    without = msgspec.structs.replace(read(part), gates={"loss": summarise(LOWER, runs, part)})
    write(part, without, Setting("full", "cpu"))
    assert stored.problems_of(part, Setting("full", "cpu")) == []


def test_a_mistake_that_came_after_a_calibration_is_a_problem_until_it_is_added(tmp_path):
    part = calibrated(course_part(tmp_path))
    new = part.fixture_folder / "mistakes" / "newer.py"
    new.write_text('"""Hint."""\n')
    part = Part(part.course, part.assignment, part.name)
    before = read(part)
    assert stored.later_mistakes(part, before) == (new,)
    (problem,) = stored.problems(part)
    assert problem == ("no gate was measured on these mistakes: newer", "grader calibrate lab1/thing --later")
    more = with_mistakes(before.gates["loss"], LOWER, {new: [2.0] * 100})
    assert more.mistake_passes == before.gates["loss"].mistake_passes | {
        "newer": pytest.approx(1 - (1 - upper_bound(0, 100)) ** 3)
    }
    assert msgspec.structs.replace(more, mistakes={}, mistake_passes={}) == msgspec.structs.replace(
        before.gates["loss"], mistakes={}, mistake_passes={}
    )
    write(part, msgspec.structs.replace(before, gates={"loss": more}))
    assert problems(part) == []
    # What is stale as a whole is measured as a whole: adding to it would not do.
    new.with_name("newest.py").write_text('"""Hint."""\n')
    part.reference.write_text("def f(): return 1\n")
    part = Part(part.course, part.assignment, part.name)
    assert [problem.repair for problem in stored.problems(part)] == ["grader calibrate lab1/thing"]


def test_other_sizes_make_it_stale(tmp_path):
    part = calibrated(course_part(tmp_path))
    facts = part.fixture_folder / "part.toml"
    facts.write_text(facts.read_text() + "[sizes.mini-cpu]\nusers = 7\n")
    part = Part(part.course, part.assignment, part.name)
    assert problems(part) == ["the sizes in part.toml have changed since the calibration"]
    assert problems(calibrated(part, sizes={"users": 7})) == []


def test_a_damaged_calibration_says_what_makes_it_anew(tmp_path):
    part = course_part(tmp_path)
    (part.fixture_folder / "calibration.json").write_text("{")
    with pytest.raises(CourseError, match=r"calibration\.json.*`grader calibrate lab1/thing`"):
        stored.read(part)


def test_of_how_many_known_solutions_a_calibration_is_is_told_where_it_is_not_all(tmp_path):
    part = calibrated(course_part(tmp_path))
    assert stored.extent(part, MINI_CPU) == ""
    few = course_part(tmp_path / "few")
    assert stored.extent(few, MINI_CPU) == "", "none at all is another matter"
    gate = summarise(LOWER, {few.reference: [0.5] * 30}, few)
    alone = msgspec.structs.replace(read(part), solutions_sha256={"reference": "x"}, gates={"loss": gate})
    write(few, alone)
    assert stored.extent(few, MINI_CPU) == "1 of 2 right solutions and 0 of 1 mistakes"
    (part.fixture_folder / "mistakes" / "newer.py").write_text('"""Hint."""\n')
    part = Part(part.course, part.assignment, part.name)
    assert stored.extent(part, MINI_CPU) == "2 of 2 right solutions and 1 of 2 mistakes"


def test_only_mini_on_a_cpu_must_be_calibrated_and_the_rest_is_told(tmp_path):
    part = calibrated(course_part(tmp_path))
    assert uncalibrated(part) == []
    facts = part.fixture_folder / "part.toml"
    facts.write_text('datasets = ["movielens"]\ndevices = ["cpu", "cuda"]\n' + facts.read_text())
    part = Part(part.course, part.assignment, part.name)
    assert [setting.key for setting in uncalibrated(part)] == ["mini-cuda", "full-cpu", "full-cuda"]
    assert problems(part) == []


def test_a_calibration_of_another_setting_is_held_to_the_gates_of_that_setting(tmp_path):
    part = calibrated(course_part(tmp_path))
    stored = read(part)
    write(part, stored, Setting("full", "cpu"))
    facts = part.fixture_folder / "part.toml"
    facts.write_text('datasets = ["movielens"]\n' + facts.read_text())
    part = Part(part.course, part.assignment, part.name)
    assert problems(part) == []
    name = next(iter(part.config.gates))
    facts.write_text(facts.read_text() + f"\n[gates.{name}.at.full-cpu]\nthreshold = 123.0\nk = 1\n")
    part = Part(part.course, part.assignment, part.name)
    assert problems(part) == [f"full-cpu: gate {name} in part.toml is new or has changed since the calibration"]


def test_what_is_wrong_is_repaired_by_the_command_of_its_setting(tmp_path):
    part = calibrated(course_part(tmp_path))
    facts = part.fixture_folder / "part.toml"
    plain = facts.read_text().replace("k = 3", "k = 4")
    for more, repairs in (
        ("", [""]),
        ('datasets = ["movielens"]\n', ["", " --profile full"]),
        ('devices = ["cpu", "cuda"]\n', [" --device cpu", " --device cuda"]),
    ):
        facts.write_text(more + plain)
        part = Part(part.course, part.assignment, part.name)
        for setting in stored.settings(part):
            write(part, read(part), setting)
        assert [problem.repair for problem in stored.problems(part)] == [
            f"grader calibrate lab1/thing{options}" for options in repairs
        ]


def test_on_mini_every_right_solution_is_measured_elsewhere_some_are_enough(tmp_path):
    part = course_part(tmp_path)
    reference_alone = summarise(LOWER, {part.reference: [0.5] * 1000}, part)
    part = calibrated(part, gates={"loss": reference_alone})
    assert problems(part) == ["gate loss was never measured on other"]
    other_alone = summarise(LOWER, {part.variants[0]: [0.5] * 1000}, part)
    assert problems(calibrated(part, gates={"loss": other_alone})) == ["gate loss was never measured on reference"]
    part = calibrated(part, gates={"loss": reference_alone})
    write(part, read(part), Setting("full", "cpu"))
    calibrated(part)
    facts = part.fixture_folder / "part.toml"
    facts.write_text('datasets = ["movielens"]\n' + facts.read_text())
    assert problems(Part(part.course, part.assignment, part.name)) == []
