"""`grader import`: what becomes of an assignment of Otter Assign or nbgrader, and that the result grades."""

import json
import tomllib
from pathlib import Path

import pytest
from other_graders import DISTANCES, LINES, PRIMES, notebook

from grader.conversion import otter
from grader.course import check_file
from grader.course.catalog import Course
from grader.records.store import Store

TESTS, END_QUESTION = "%% raw\n# BEGIN TESTS\n", "%% raw\n# END QUESTION\n"
ENDS = "%% raw\n# END TESTS\n" + END_QUESTION


@pytest.fixture
def ended(ended, tmp_path, monkeypatch):
    """`grader ARGUMENTS` in an empty course: exit code, stdout, stderr."""
    monkeypatch.delenv("GRADER_COURSE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert ended("init", "course")[0] == 0
    monkeypatch.chdir("course")
    return ended


def table(out):
    """What became of each thing in a notebook, with what is left to do."""
    rows = [line.split(": ", 1)[1] for line in out.splitlines() if ": " in line.split("  ")[0]]
    return {row.split("  ")[0].strip(): " ".join(row.split("  ", 1)[1].split()) for row in rows if "  " in row}


def graded(ended, assignment, *folders):
    """The checks of each submission, by name."""
    code, out, err = ended("grade", assignment, *folders, "--out", "build/out")
    assert code == 0, out + err
    records = sorted(Store(Path("build/out")).latest(), key=lambda record: record.submission.name, reverse=True)
    return [{check.name: check for part in record.parts for check in part.checks} for record in records]


def declared(assignment):
    """The checks that an assignment has, by name, with their points."""
    (part,) = Course(Path.cwd()).parts(assignment)
    return {check.name: check.option("points") for check in check_file.read(part.check_file).checks}


def test_an_assignment_of_nbgrader_becomes_a_part_whose_reference_earns_full_marks(ended):
    source = notebook(Path("source/hw/distances.ipynb"), DISTANCES)
    code, out, err = ended("import", "nbgrader", source.parent, "--assignment", "geometry")
    assert (code, err) == (0, "")
    rows = table(out)
    assert rows["function distance"] == rows["function nearest"] == "an entry point"
    assert rows["test plane"] == "a visible check, 2 points"
    assert rows["test plane_hidden"] == "a hidden check, 2 points"
    assert rows["test lengths_again"] == "a visible check, 1 point"
    assert "reads the variable `mean_distance`: let students write a function that returns it" in rows["test mean_test"]
    assert "replaces `distance` while it runs" in rows["test uses_distance"]
    assert "AUTOTEST" in rows["test auto"]
    assert "picture space.png" in rows
    assert "taken over: 9 of 13" in out

    Path("ann").mkdir()
    Path("ann/distances.py").write_text(
        "def distance(u, v):\n    return 5.0\n\n\ndef nearest(p, others):\n    return p\n"
    )
    right, wrong = graded(ended, "geometry", "reference/geometry", "ann")
    assert sum(check.score for check in right.values()) == 8
    points = {name: (check.points, check.visibility.value) for name, check in right.items()}
    assert points["plane"] == (2.0, "visible")
    assert points["plane_hidden"] == (2.0, "hidden")
    assert set(points) == {"plane", "plane_hidden", "lengths", "lengths_again", "nearest"}
    assert ended("stubs", "--check")[0] == 0

    assert wrong["plane"].score == 2
    assert wrong["plane_hidden"].message == "far apart"
    assert "SCALE" in wrong["plane_hidden"].detail
    assert wrong["lengths"].message == "`distance(torch.zeros(2), torch.zeros(3))` raises nothing, expected ValueError."
    assert wrong["nearest"].message == "The result of `nearest` is not what the test expects."

    template = Path("student_template/geometry/distances.py").read_text()
    assert 'raise NotImplementedError("distance is not written yet")' in template
    assert "the nearest one" not in template, "a comment may tell the solution"
    questions = {q["name"]: q for q in tomllib.loads(Path("fixtures/geometry/questions.toml").read_text())["question"]}
    assert questions["symmetry"]["text"] == "Why is $d(u, v) = d(v, u)$?"
    assert questions["symmetry"]["model_answer"] == "Squares have no sign: $(u - v)^2 = (v - u)^2$."
    assert questions["plot"] == {
        "name": "plot",
        "title": "Plot",
        "points": 2.0,
        "part": "distances",
        "text": "Plot it.",
        "model_answer": "2 for axes",
    }
    assert Course(Path.cwd()).parts("geometry")[0].config.title == "Distances"


def test_an_assignment_of_otter_becomes_a_part_whose_reference_earns_full_marks(ended):
    code, out, err = ended("import", "otter", notebook(Path("in/hw01.ipynb"), PRIMES))
    assert (code, err) == (0, "")
    rows = table(out)
    assert "compares a set, which stays in the sandbox" in rows["test q1_1"]
    assert "its answer stays in the sandbox" in rows["test q1_2"], "only the sandbox can tell"
    assert rows["test q2_1"] == "a hidden check, 0.25 points"
    assert "make it in make.py" in rows["test q2_2"]
    assert "compares what is printed" in rows["test q2_3"]
    assert rows["test q2_4"] == "a visible check, 0.25 points"
    assert "reads the variable `nine`" in rows["test q3"]
    assert rows["question q4_why"] == "a written question, 1.5 points"
    assert "its answer is code" in rows["question q5"]
    assert {"file data.csv", "the seed"} <= rows.keys()
    (right,) = graded(ended, "hw01", "reference/hw01")
    assert {name: check.score for name, check in right.items()} == {"q2_1": 0.25, "q2_4": 0.25}
    reference = Path("reference/hw01/hw01.py").read_text()
    assert "only for us" not in reference
    assert "# SOLUTION" not in reference
    assert "is_even" not in Path("checks/hw01/check_hw01.py").read_text(), "what a lost check used goes with it"
    answers = Path("student_template/hw01/answers.md").read_text()
    assert "## q4_why: Why 1 is no prime (1.5 points)" in answers
    assert "ambiguous" not in answers


def test_what_is_only_for_otters_own_versions_of_a_notebook_is_left_out():
    prompt = '    """ # BEGIN PROMPT\n    return ...\n    """ # END PROMPT\n'
    code = f"def f(x):\n    print(x)  # IGNORE\n    return x # SOLUTION\n{prompt}"
    marked = ["def f(x):", "    # BEGIN SOLUTION", "    return x", "    # END SOLUTION", ""]
    assert otter.marked(code).split("\n") == marked
    assert otter.plain(code) == "def f(x):\n    return x\n"


@pytest.mark.slow
def test_what_a_notebook_gives_stays_given_and_helpers_of_tests_are_taken_along(ended):
    code, out, err = ended("import", "nbgrader", notebook(Path("lines.ipynb"), LINES))
    assert (code, err) == (0, "")
    rows = table(out)
    assert rows["function rounded"] == "given to students, beside the reference"
    assert "an object of class `Line`" in rows["test line"]
    assert "partial credit" in rows["test share"]
    assert "hands a function to `middle`" in rows["test handed"]
    assert "nothing_like_it, which is not installed here" in rows["test module"]
    assert "has no points" in rows["test worthless"]
    assert "write `expect.raises(...)`" in rows["test caught"]
    assert rows["test wrong"].startswith("not taken over the reference does not pass it: `middle(0, 1)`")
    assert set(declared("lines")) == {"first", "loop", "given", "mapped"}
    assert ended("stubs", "--check")[0] == 0
    out = ended("verify", "lines")[1]
    assert [line[:6] for line in out.splitlines() if line.startswith("FAIL")] == ["FAIL 6"], "only mistakes are missing"
    given = Path("student_template/lines/_lines.py").read_text()
    assert "def rounded(x)" in given
    assert "STEP = 0.5" in given
    reference = Path("reference/lines/lines.py").read_text()
    assert "from _lines import rounded" in reference
    assert "def _half(x)" in reference


def test_questions_of_otter_share_their_points_as_otter_does(ended):
    def asked(name, config, *settings):
        cell = '%% code | gives {0}\n""" # BEGIN TEST CONFIG\n{1}\n""" # END TEST CONFIG\ndouble({2})\n'
        cells = "".join(cell.format(2 * n, line, n) for n, line in enumerate(settings))
        return f"%% raw\n# BEGIN QUESTION\nname: {name}\n{config}\n{TESTS}{cells}{ENDS}"

    text = (
        "%% raw\n# BEGIN QUESTION\nname: write\n%% code\ndef double(x):\n    return 2 * x # SOLUTION\n" + END_QUESTION
    )
    text += asked("rest", "points: 5", "points: 2", "hidden: true", "hidden: true")
    text += asked("each", "points: {each: 2}", "hidden: false", "hidden: true")
    text += asked("listed", "points: [1, 0.5]", "hidden: false", "hidden: true")
    text += asked("alone", "", "hidden: true")
    _, out, _ = ended("import", "otter", notebook(Path("double.ipynb"), text))
    assert declared("double") == {
        "rest_1": 2,
        "rest_2": 1.5,
        "rest_3": 1.5,
        "each_1": 2,
        "each_2": 2,
        "listed_1": 1,
        "listed_2": 0.5,
        "alone": 1,
    }, out


BEGIN = "%% raw\n# BEGIN QUESTION\nname: q1\n"
REFUSED = {
    "older": ("%% markdown\n```\nBEGIN QUESTION\nname: q1\n```\n", "before version 3"),
    "open": (BEGIN, "a question block has no end"),
    "crossed": (f"{BEGIN}%% raw\n# END TESTS\n", "no tests block ends here"),
    "yaml": ("%% raw\n# BEGIN QUESTION\nname: [", "its settings are no YAML"),
    "points": (f"{BEGIN}points: [1, 2]\n{TESTS}%% code\nf(1)\n{ENDS}", "points for 2 tests, and 1 tests"),
    "variables": (f"{BEGIN}%% code\nx = 2 # SOLUTION\n{END_QUESTION}", "nothing was written: no function in"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_over_writes_nothing(ended, name):
    text, words = REFUSED[name]
    before = sorted(Path.cwd().rglob("*"))
    code, _, err = ended("import", "otter", notebook(Path("in.ipynb"), text))
    assert code == 2
    assert words in err
    assert sorted(Path.cwd().rglob("*")) == sorted([*before, Path.cwd() / "in.ipynb"])


def test_a_wrong_path_is_told_and_nothing_is_overwritten(ended):
    notebook(Path("source/ps1/lines.ipynb"), LINES.partition("%% code | tests")[0])
    assert "there are some in source/ps1" in ended("import", "nbgrader", "source")[2]
    Path("old.ipynb").write_text(json.dumps({"nbformat": 3, "worksheets": []}))
    assert "has format 3" in ended("import", "nbgrader", "old.ipynb")[2]
    Path("old.ipynb").write_text("{")
    assert "is no notebook that can be read" in ended("import", "nbgrader", "old.ipynb")[2]
    assert ended("import", "nbgrader", "source/ps1")[0] == 0
    code, _, err = ended("import", "nbgrader", "source/ps1")
    assert (code, "already there" in err) == (2, True)
