"""`grader calibrate`: which runs it makes, what it draws and stores, and how it adds mistakes and gates to that."""

import math
from pathlib import Path

import msgspec
import pytest
from course_examples import make_course

from grader.calibration import stored
from grader.calibration.plan import CalibrationPlan, Extent
from grader.calibration.sampling import SampleFile, Wanted
from grader.cli import main
from grader.course.catalog import Course, Part
from grader.course.part_toml import MINI_CPU
from grader.errors import UsageError

NAN = math.nan
BODY = "import torch\n\n\ndef draw():\n    # BEGIN SOLUTION\n    return torch.rand(())\n    # END SOLUTION\n"
GATES = """
[gates.loss]
title = "t"
threshold = 2.0
k = 4

[gates.twice]
title = "t"
threshold = 3.0
k = 4
after = "loss"
"""
METRICS = """
from grader import check, metric


@check(points=1)
def check_draw(gates):
    \"\"\"The number is small.\"\"\"
    gates.require("loss", name="the number")


@metric
def loss(submission):
    return float(submission.draw())


@metric
def twice(submission):
    return 2 * float(submission.draw())
"""


@pytest.fixture
def part(tmp_path, monkeypatch) -> Part:
    """a/b: it draws a number, that its first gate wants below 2, and its second one, which comes after, below 1.5."""
    texts = {
        "reference/a/b.py": BODY,
        "checks/a/check_b.py": METRICS,
        "fixtures/a/b/part.toml": 'title = "T"\n' + GATES,
        "fixtures/a/b/expected.json": "{}",
        "fixtures/a/b/variants/half.py": BODY.replace("rand(())", "rand(()) / 2"),
        "fixtures/a/b/mistakes/high.py": mistake(9),
        "fixtures/a/b/mistakes/at_the_edge.py": mistake(1.7),
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    make_course(tmp_path)
    monkeypatch.setenv("GRADER_COURSE", str(tmp_path))
    return one_part(tmp_path)


def mistake(shift):
    return '"""Hint."""\n' + BODY.replace("rand(())", f"rand(()) + {shift}")


def one_part(root):
    """The part as it is now."""
    (part,) = Course(root).parts("a")
    return part


def calibrate(keep: Path, *options: str) -> int:
    runs = ("--runs", "40", "--mistake-runs", "20", "--jobs", "1", "--sandbox", "process", "--keep", str(keep))
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", *runs, *options])
    return ended.value.code


def kept(folder: Path) -> set[str]:
    """The solutions of which there are runs."""
    return {path.stem.rsplit("-", 1)[0] for path in folder.rglob("*.jsonl")}


def test_every_gate_is_measured_and_drawn(part, tmp_path, capsys):
    keep = tmp_path / "keep"
    assert calibrate(keep) == 0
    plots = [keep / "a" / "b" / "mini-cpu" / f"{name}.png" for name in ("loss", "twice")]
    assert sorted(keep.rglob("*.png")) == plots
    said = capsys.readouterr().out
    assert all(f"    {plot}\n" in said for plot in plots)
    gates = stored.read(part).gates
    assert gates["loss"].mistakes["high"].misses == 20
    assert set(gates["twice"].mistakes) == {"at_the_edge"}, "no draw of the other gets as far as this gate"
    assert stored.problems(part) == []


@pytest.mark.slow
def test_a_mistake_that_came_later_is_run_alone_and_added(part, tmp_path, capsys):
    assert calibrate(tmp_path / "keep") == 0
    before = stored.read(part)
    (part.fixture_folder / "mistakes" / "higher.py").write_text(mistake(30))
    now = one_part(tmp_path)
    (problem,) = stored.problems(now)
    assert problem.repair == "grader calibrate a/b --later"
    assert calibrate(tmp_path / "elsewhere", *problem.repair.split()[2:]) == 0
    assert "calibration.json: higher added" in capsys.readouterr().out
    assert kept(tmp_path / "elsewhere") == {"mistakes-higher"}
    assert stored.problems(now) == []
    after = stored.read(now)
    assert set(after.gates["loss"].mistakes) == {"high", "at_the_edge", "higher"}
    assert after.gates["loss"].mistakes["higher"].runs == 20
    assert after.gates["loss"].mistake_passes["higher"] == after.gates["loss"].mistake_passes["high"]
    assert after.gates["loss"].correct == before.gates["loss"].correct
    assert after.gates["twice"] == before.gates["twice"], "it comes after one that this mistake never reaches"


def test_to_what_is_out_of_date_nothing_is_added(part, tmp_path, capsys):
    assert calibrate(tmp_path / "keep", "--later") == 2
    assert "a/b: there is no calibration yet; calibrate the whole part first" in capsys.readouterr().err
    assert calibrate(tmp_path / "keep") == 0
    other_data = msgspec.structs.replace(stored.read(part), datasets={"movielens": "another version"})
    stored.write(part, other_data)
    assert calibrate(tmp_path / "keep", "--later") == 2
    assert "a/b: it was calibrated on other data; calibrate the whole part first" in capsys.readouterr().err
    before = stored.path_of(part, stored.MINI_CPU).read_bytes()
    part.variants[0].write_text(BODY.replace("rand(())", "rand(()) / 3"))
    assert calibrate(tmp_path / "keep", "--later") == 2
    assert "half changed since it was calibrated" in capsys.readouterr().err
    assert calibrate(tmp_path / "keep", "--later", "--solution", "reference") == 2
    assert stored.path_of(part, stored.MINI_CPU).read_bytes() == before


@pytest.mark.parametrize("option", [["--solution", "half"], ["--gate", "loss"]])
def test_later_leaves_no_choice_of_right_solutions_and_gates(part, tmp_path, capsys, option):
    assert calibrate(tmp_path / "keep", "--later", *option) == 2
    assert "--later runs only mistakes, at all gates" in capsys.readouterr().err


@pytest.mark.slow
def test_a_gate_that_came_later_is_measured_alone_and_the_others_are_kept(part, tmp_path):
    assert calibrate(tmp_path / "keep") == 0
    before = stored.read(part)
    more = GATES + '\n[gates.half]\ntitle = "t"\nthreshold = 0.5\nk = 4\nafter = "loss"\n'
    (part.fixture_folder / "part.toml").write_text('title = "T"\n' + more)
    metric = "\n\n@metric\ndef half(submission):\n    return float(submission.draw()) / 2\n"
    part.check_file.write_text(METRICS + metric)
    now = one_part(tmp_path)
    assert [problem.words for problem in stored.problems(now)] == [
        "gate half in part.toml is new or has changed since the calibration"
    ]
    assert calibrate(tmp_path / "elsewhere", "--gate", "half") == 0
    after = stored.read(now)
    assert stored.problems(now) == []
    assert {name: after.gates[name] for name in before.gates} == before.gates
    assert set(after.gates["half"].mistakes) == {"at_the_edge"}, "the stored runs say that no other gets past `loss`"
    assert {path.parent.name for path in (tmp_path / "elsewhere").rglob("*.jsonl")} == {"half"}
    # What the stored calibration keeps must be of what would be run now.
    part.check_file.write_text(METRICS.replace("return float", "return 0.5 * float") + metric)
    with pytest.raises(UsageError, match="the code behind metric loss has changed since the calibration"):
        plan(one_part(tmp_path), tmp_path, gates=["half"])
    plan(one_part(tmp_path), tmp_path, gates=["loss"])


def test_a_check_that_goes_another_way_to_its_metric_must_be_calibrated_again(part, tmp_path):
    """Two steps in place of a hundred, or an option: whatever the check does, it has to be said in the metric."""
    assert calibrate(tmp_path / "keep") == 0
    check = '\n\n@check(points=1)\ndef check_loss(gates):\n    """It is low."""\n    gates.require("loss", name="x")\n'
    with_check = METRICS + check
    part.check_file.write_text(with_check)
    assert stored.problems(one_part(tmp_path)) == [], "a check alone changes nothing that was measured"
    part.check_file.write_text(with_check.replace("submission.draw()", "submission.draw(num_steps=2)", 1))
    assert [problem.words for problem in stored.problems(one_part(tmp_path))] == [
        "the code behind metric loss has changed since the calibration"
    ]
    helper = with_check.replace("submission.draw()", "drawn(submission)", 1)
    helper += "\n\ndef drawn(submission, **options):\n    return submission.draw(**options)\n"
    part.check_file.write_text(helper)
    (problem,) = stored.problems(one_part(tmp_path))
    assert problem.repair == "grader calibrate a/b"


def plan(part, keep, *, runs=40, mistake_runs=20, **choice) -> CalibrationPlan:
    return CalibrationPlan(part, MINI_CPU, Extent(runs=runs, mistake_runs=mistake_runs, **choice), keep)


@pytest.mark.parametrize(("values", "runs"), [([2.5, NAN, 3.0], 40), ([2.5, 0.5, 3.0], 3)])
def test_only_a_mistake_that_missed_every_time_is_run_more_often(part, tmp_path, values, runs):
    few = Wanted(part, "loss", part.mistakes[0], 3)
    SampleFile(tmp_path / "keep", few).append(0, values)
    right = Wanted(part, "loss", part.reference, 3)
    more, same = plan(part, tmp_path / "keep", mistake_runs=40).more_runs([few, right])
    assert more.runs == runs
    assert same == right


def test_a_mistake_that_beats_the_floor_missed(part, tmp_path):
    facts = part.fixture_folder / "part.toml"
    facts.write_text(facts.read_text().replace("threshold = 2.0", "threshold = 2.0\nfloor = 0.4"))
    part = one_part(tmp_path)
    few = Wanted(part, "loss", part.mistakes[0], 3)
    SampleFile(tmp_path / "keep", few).append(0, [0.1, 0.2, 0.3])
    (more,) = plan(part, tmp_path / "keep").more_runs([few])
    assert more.runs == 20


def test_the_solutions_and_gates_to_be_measured_can_be_named(part, tmp_path):
    def right(*names):
        return [want.solution for want in plan(part, tmp_path, mistake_runs=0, solutions=names).first_runs(["loss"])]

    assert right() == [part.reference, *part.variants]
    assert right("reference") == [part.reference]
    assert right("half") == list(part.variants)
    with pytest.raises(UsageError, match="a/b has no right solution 'wrong'; there are: reference, half"):
        right("wrong")
    with pytest.raises(UsageError, match="a/b has no gate 'wrong'; there are: loss, twice"):
        plan(part, tmp_path, gates=["wrong"])
