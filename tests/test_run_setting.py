"""What a run says before it starts: the data its parts truly use, and the gates that were never measured."""

import msgspec
import pytest
from course_examples import make_course

from grader.calibration import stored
from grader.cli import main
from grader.commands.run_setting import say_what_is_used
from grader.course.catalog import Course
from grader.errors import DatasetError
from grader.running.grading_process import _torch_home


@pytest.fixture
def given(empty_cache, tmp_path, monkeypatch):
    """Makes GRADER_DATA hold the files named, all empty."""
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))

    def give(*names):
        for name in names:
            (tmp_path / name).touch()

    return give


def test_data_that_no_part_uses_are_not_announced(course, given, capsys):
    given("cifar10-jpg.tar.gz")
    say_what_is_used(course.parts("assignment2"), "full", "cpu")
    assert capsys.readouterr().err.splitlines() == [
        "movielens: mini (planted; `grader data fetch movielens` gets the real one)",
        "cifar10: mini (drawn, for want of resnet18)",
        "resnet18: mini (seeded stand-in; `grader data fetch resnet18` gets the real one)",
    ]


def test_gates_that_were_never_measured_are_announced_with_the_command_that_measures_them(
    course, given, capsys, monkeypatch
):
    given("ml-latest-small")
    asked = []
    monkeypatch.setattr(stored, "read", lambda part, setting: asked.append((part.identity, setting.key)))
    say_what_is_used(course.parts("assignment2", ["embedding"]), "full", "cuda")
    assert asked == [("assignment2/embedding", "full-cpu")]  # it cannot use a GPU
    data, gates = capsys.readouterr().err.splitlines()
    assert data == "movielens: ml-latest-small in GRADER_DATA"
    assert gates.startswith("assignment2/embedding: its gates are not calibrated for full-cpu; ")
    assert gates.endswith("; measure them with `grader calibrate assignment2/embedding --profile full`")


def test_gates_that_were_measured_on_other_data_are_announced(course, given, capsys, monkeypatch):
    (part,) = course.parts("assignment2", ["embedding"])
    measured = stored.read(part)
    say_what_is_used([part], "mini", "cpu")
    assert "gates" not in capsys.readouterr().err
    other = msgspec.structs.replace(measured, datasets={"movielens": "ml-25m"})
    monkeypatch.setattr(stored, "read", lambda *_: other)
    say_what_is_used([part], "mini", "cpu")
    said = capsys.readouterr().err.splitlines()[1]
    assert said.startswith(
        "assignment2/embedding: its gates were calibrated on other data (ml-25m); measure them with `"
    )


def test_gates_that_were_measured_on_some_solutions_only_are_announced(course, given, capsys, monkeypatch):
    monkeypatch.setattr(stored, "extent", lambda part, setting: f"{part.name} of {setting.key}")
    say_what_is_used(course.parts("assignment2", ["embedding"]), "mini", "cpu")
    said = capsys.readouterr().err.splitlines()[1]
    assert said.startswith(
        "assignment2/embedding: its gates were calibrated for mini-cpu on embedding of mini-cpu; measure them"
    )


def test_what_is_asked_for_full_is_not_calibrated_on_mini(given, capsys, monkeypatch):
    monkeypatch.setattr("grader.calibration.sampling.Sampler.sample", lambda *_: pytest.fail("it goes on"))
    with pytest.raises(SystemExit) as ended:
        main(["calibrate", "lab1/rate", "--profile", "full", "--runs", "1"])
    assert ended.value.code == 1
    assert "needs movielens, which is not here: run `grader data fetch movielens`" in capsys.readouterr().err


def test_parts_that_would_need_different_weights_are_not_graded_on_those_of_the_first(tmp_path, given):
    for name, datasets in (("b", '["cifar10", "resnet18"]'), ("c", '["resnet18"]')):
        facts = tmp_path / "course/fixtures/a" / name / "part.toml"
        facts.parent.mkdir(parents=True)
        facts.write_text(f'title = "T"\ndatasets = {datasets}\n')
    make_course(tmp_path / "course", datasets=True)
    given("resnet18-f37072fd.pth")
    with pytest.raises(DatasetError, match="for want of cifar10"):
        _torch_home(Course(tmp_path / "course").parts("a"), "full")
