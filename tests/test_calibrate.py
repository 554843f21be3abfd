"""`grader calibrate`: whom it runs, what it draws and stores, and what a mistake that came later adds to it."""

import math
from pathlib import Path

import msgspec
import pytest
from course_examples import make_course

from grader.calibration import stored
from grader.calibration.sampling import SampleFile, Wanted
from grader.cli import main
from grader.commands.calibrate import _more_of_what_misses, _right_solutions
from grader.course.catalog import Course, Part
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
def loss(submission):
    return float(submission.draw())


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
    assert "a/b: there is no calibration; calibrate it without --later" in capsys.readouterr().err
    assert calibrate(tmp_path / "keep") == 0
    other_data = msgspec.structs.replace(stored.read(part), datasets={"movielens": "another version"})
    stored.write(part, other_data)
    assert calibrate(tmp_path / "keep", "--later") == 2
    assert "a/b: it was calibrated on other data; calibrate it without --later" in capsys.readouterr().err
    before = stored.path_of(part, stored.MINI_CPU).read_bytes()
    part.variants[0].write_text(BODY.replace("rand(())", "rand(()) / 3"))
    assert calibrate(tmp_path / "keep", "--later") == 2
    assert "half changed since it was calibrated" in capsys.readouterr().err
    assert calibrate(tmp_path / "keep", "--later", "--solution", "reference") == 2
    assert stored.path_of(part, stored.MINI_CPU).read_bytes() == before


@pytest.mark.parametrize(("values", "runs"), [([2.5, NAN, 3.0], 40), ([2.5, 0.5, 3.0], 3)])
def test_only_a_mistake_that_missed_every_time_is_run_more_often(part, tmp_path, values, runs):
    few = Wanted(part, "loss", part.mistakes[0], 3)
    SampleFile(tmp_path / "keep", few).append(0, values)
    assert _more_of_what_misses(few, 40, tmp_path / "keep").runs == runs
    right = Wanted(part, "loss", part.reference, 3)
    assert _more_of_what_misses(right, 40, tmp_path / "keep") == right


def test_the_solutions_to_be_measured_can_be_named(part):
    assert _right_solutions(part, []) == [part.reference, *part.variants]
    assert _right_solutions(part, ["reference"]) == [part.reference]
    assert _right_solutions(part, ["half"]) == list(part.variants)
    with pytest.raises(UsageError, match="no right solution 'wrong'; there are: reference, half"):
        _right_solutions(part, ["wrong"])
