"""Code that checks, references and make.py share lies beside them, is imported by its plain name, and does not stay."""

import sys

import pytest

from grader.course.catalog import Course
from grader.course.fixture_data import load_module
from grader.course.shared_code import importable
from grader.errors import CourseError
from grader.grading.grade import part_run, run_checks
from grader.grading.part_loader import Code
from grader.records.record import Verdict

REFERENCE = """
from _factors import TWO


def double(x):
    # BEGIN SOLUTION
    return TWO * x
    # END SOLUTION
"""


def test_two_folders_may_have_shared_code_of_the_same_name(tmp_path):
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "_number.py").write_text(f"NUMBER = {number}")
        (folder / "user.py").write_text("from _number import NUMBER")
    before = list(sys.path)
    assert [load_module(tmp_path / str(number) / "user.py", "user").NUMBER for number in (1, 2, 1)] == [1, 2, 1]
    assert sys.path == before
    assert "_number" not in sys.modules


def test_what_is_installed_goes_before_shared_code(tmp_path):
    (tmp_path / "fractions.py").write_text("")
    sys.modules.pop("fractions", None)
    with importable([tmp_path]):
        from fractions import Fraction

    assert Fraction(1, 2) == 0.5


def test_an_error_in_shared_code_is_told_and_leaves_nothing_behind(tmp_path):
    (tmp_path / "_number.py").write_text("1 / 0")
    (tmp_path / "user.py").write_text("import _number")
    with pytest.raises(CourseError, match=r"user\.py cannot be loaded: ZeroDivisionError"):
        load_module(tmp_path / "user.py", "user")
    assert str(tmp_path) not in sys.path


@pytest.mark.parametrize("handed_in", [{}, {"_factors.py": b"TWO = 3"}], ids=["not handed in", "changed"])
def test_a_part_is_graded_with_its_utilities_and_its_checks_with_their_shared_code(demo, slot, handed_in):
    (part,) = Course(demo.root).parts("demo")
    part.reference.with_name("_factors.py").write_text("TWO = 2")
    part.reference.write_text(REFERENCE)
    part.check_file.with_name("_near.py").write_text("NAME = 'double(x)'")
    part.check_file.write_text("from _near import NAME\n" + part.check_file.read_text().replace('"double(x)"', "NAME"))
    code = Code({"warm_up.py": REFERENCE.encode(), **handed_in}, "warm_up.py")
    outcome = run_checks({part.check_file: part_run(part, code, slot, seed=0)})[part.check_file]
    (record,) = outcome.records.values()
    assert record.verdict is (Verdict.failed if handed_in else Verdict.passed)
    assert "_near" not in sys.modules
