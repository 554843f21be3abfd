"""docs/gates.md: what is known of every gate, generated from the stored calibrations."""

import pytest
from course_examples import make_course

from grader.calibration import gate_table, stored
from grader.commands.calibrate import command as calibrate
from grader.commands.new import command as new
from grader.course.catalog import Course
from grader.errors import CourseError
from grader.files import between_marks

NEVER = "**never measured**"
GATE = """
[gates.error]
title = "Error | of *x*"
threshold = 0.25
k = 3
floor = 0.01
"""
CHECKS = '''
from grader import check, metric


@metric
def error(submission):
    """The error."""
    return abs(submission.double(2.0) - 4.0)


@check(points=1)
def check_error(gates):
    """Doubles x."""
    gates.require("error", name="the error")
'''


@pytest.fixture
def random_part(tmp_path, monkeypatch):
    """A part of a small course with one gate that nothing was measured of."""
    made = make_course(tmp_path / "course")
    monkeypatch.setenv("GRADER_COURSE", str(made.root))
    new.callback("demo/warm_up")
    (part,) = made.parts("demo")
    toml = part.fixture_folder / "part.toml"
    toml.write_text(toml.read_text() + GATE)
    part.check_file.write_text(CHECKS)
    (part,) = Course(made.root).parts("demo")
    return part


def row_of(part, setting="mini-cpu"):
    lines = gate_table.markdown([part]).splitlines()
    (row,) = [line for line in lines if f"| {setting} |" in line]
    return row.strip("| ").split(" | ")


def test_a_gate_that_was_never_measured_says_so_and_how_to_measure_it(random_part):
    title, _, terms, known, *rest = row_of(random_part)
    assert title == r"Error \| of \*x\*"
    assert terms == "the best of 3 runs ≤ 0.25, never beyond 0.01"
    assert known == f"{NEVER}: `grader calibrate demo/warm_up`"
    assert rest == ["none", "unknown", "unknown"]


def test_a_measured_gate_shows_its_distribution_and_what_was_left_out(course):
    (part,) = course.parts("lab1", ["rate"])
    measured = stored.read(part).gates["fit_error"]
    (row,) = [line for line in gate_table.markdown([part]).splitlines() if "over the observed ratings | mini" in line]
    runs = measured.correct["reference"]
    assert f"{runs.median:.4g} ({runs.minimum:.4g} to {runs.maximum:.4g} in {runs.runs} runs)" in row
    assert f"| {len(part.right_solutions)} of {len(part.right_solutions)} |" in row
    (full,) = [
        line for line in gate_table.markdown([part]).splitlines() if "over the observed ratings | full-c" in line
    ]
    assert f"| 1 of {len(part.right_solutions)} |" in full
    assert full.endswith("none was measured |")


def test_a_bound_is_rounded_up(course):
    for part in course.select(()):
        for setting in stored.settings(part):
            calibration = stored.read(part, setting)
            for gate in calibration.gates.values() if calibration else ():
                assert gate.false_fail <= float(gate_table._bound(gate).split()[0])


def test_the_table_in_docs_is_that_of_the_calibrations(course):
    written = (course.root / "docs/gates.md").read_text()
    assert gate_table.markdown(course.select(())) in written, "run: grader calibrate --table docs/gates.md"


def test_the_command_writes_between_the_marks(random_part, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- BEGIN TABLE -->\nold\n<!-- END TABLE -->\nafter\n")
    calibrate.main(["--table", str(page)], standalone_mode=False)
    words = page.read_text()
    assert words.startswith("before\n")
    assert words.endswith("after\n")
    assert "old" not in words
    assert NEVER in words


def test_a_file_without_marks_is_left_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("no marks here\n")
    with pytest.raises(CourseError, match="no lines"):
        between_marks.write(page, "new")
    assert page.read_text() == "no marks here\n"
