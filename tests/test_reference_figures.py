"""`grader reference`: every published figure is compared, printed as soon as it is there, and kept."""

import csv
import io

import pytest

from grader.cli import main
from grader.commands.reference_figures import compare_figures
from grader.course.part_toml import Setting
from grader.errors import CourseError
from grader.records.record import EnvironmentRecord, PartRecord, ResultRecord, SubmissionRecord
from grader.running import published

KNOWN = """
[published."twice three"]
value = 6
low = 6
high = 6
source = "the lecture notes"

[published."twice four"]
value = 9
low = 8.5
high = 9.5
source = "a slide"

[published.loss]
value = 0.5
low = 0.4
high = 0.6
source = "a paper"

[published.lost]
value = 1
low = 1
high = 1
source = "nobody measures it"

[published."of the real data"]
profile = "full"
value = 1
low = 1
high = 1
source = "a paper"
"""
FIGURES = """
import torch


def figures(reference, datasets):
    assert datasets.profile == "mini"
    for name, number in {"three": 3.0, "four": 4.0}.items():
        yield f"twice {name}", reference.double(torch.tensor(number))
"""


@pytest.fixture
def part(demo):
    (one,) = demo.parts("demo")
    path = one.fixture_folder / "part.toml"
    path.write_text(path.read_text(encoding="utf-8") + KNOWN, encoding="utf-8")
    (one.fixture_folder / "published.py").write_text(FIGURES, encoding="utf-8")
    (fresh,) = type(demo)(demo.root).parts("demo")
    return fresh


def record(**figures):
    return ResultRecord(
        assignment="demo",
        submission=SubmissionRecord(name="reference", sha256=""),
        environment=EnvironmentRecord(sandbox="process"),
        parts=(PartRecord(name="warm_up", title="T", checks=(), figures=figures),),
    )


def table(out):
    return list(csv.DictReader(io.StringIO((out / "published.csv").read_text(encoding="utf-8-sig"))))


def test_what_checks_measured_and_what_is_computed_anew_stand_beside_what_was_published(part, tmp_path, capsys):
    assert compare_figures(record(loss=0.55, steps=7.0), [part], tmp_path) == 2
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "  warm_up loss: 0.55   published 0.5 (a paper), accepted 0.4 to 0.6",
        "  warm_up steps: 7",
        "  warm_up twice three: 6   published 6 (the lecture notes), accepted 6 to 6",
        "  warm_up twice four: 8   published 9 (a slide), accepted 8.5 to 9.5   OFF",
        "  warm_up lost: missing   published 1 (nobody measures it), accepted 1 to 1   OFF",
        "published figures compared: 4, outside the accepted range: 2",
    ]
    rows = table(tmp_path)
    assert [(row["figure"], row["ours"], row["published"], row["verdict"]) for row in rows] == [
        ("loss", "0.55", "0.5", "fits"),
        ("steps", "7.0", "", ""),
        ("twice three", "6.0", "6.0", "fits"),
        ("twice four", "8.0", "9.0", "OFF"),
        ("lost", "", "1.0", "OFF"),
    ]


def test_nothing_is_computed_anew_where_checks_measured_all(part, capsys):
    (part.fixture_folder / "published.py").write_text("1 / 0\n", encoding="utf-8")
    everything = {"loss": 0.5, "lost": 1.0, "twice three": 6.0, "twice four": 9.0}
    assert compare_figures(record(**everything), [part], None) == 0
    assert "published figures compared: 4, outside the accepted range: 0" in capsys.readouterr().out


def test_what_is_measured_is_kept_when_the_rest_is_interrupted(part, tmp_path):
    text = FIGURES + "        if number == 3.0:\n            continue\n        raise KeyboardInterrupt\n"
    (part.fixture_folder / "published.py").write_text(text, encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        compare_figures(record(loss=0.5), [part], tmp_path)
    assert [row["figure"] for row in table(tmp_path)] == ["loss", "twice three", "twice four"]


def test_a_file_that_fails_is_named(part):
    (part.fixture_folder / "published.py").write_text("def figures(reference, datasets):\n    yield 1 / 0\n")
    with pytest.raises(CourseError, match=r"fixtures/demo/warm_up/published\.py fails: ZeroDivisionError"):
        list(published.figures(part, Setting()))


def test_a_reference_run_keeps_its_record_and_page(part, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["reference", "demo", "--jobs", "1", "--out", str(tmp_path / "out")])
    said = capsys.readouterr().out
    assert ended.value.code == 1, "figures are off"
    assert "demo: 10 of 10" in said
    assert part.config.title in (tmp_path / "out" / "reference" / "report.html").read_text(encoding="utf-8")
    assert [row["verdict"] for row in table(tmp_path / "out")] == ["fits", "OFF", "OFF", "OFF"]
