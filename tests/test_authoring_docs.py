"""docs/authoring.md: its examples are one course that works, and they use every name that an author may use."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from markdown_it import MarkdownIt

from grader import VOCABULARY
from grader.commands.init import command as init
from grader.commands.new import command as new
from grader.course import course_toml, part_toml
from grader.datasets.dataset import Version
from grader.grading.student_part import StudentPart
from grader.records.store import Store
from grader.verification import author_names
from grader.vocabulary.metric import INPUTS
from grader.written.questions import Question

PAGE = Path(__file__).resolve().parents[1] / "docs" / "authoring.md"


def examples():
    """The files of the example course, by path; what stands in several blocks is one file."""
    files = {}
    for token in MarkdownIt("commonmark").parse(PAGE.read_text()):
        if token.type == "fence" and (title := re.search(r'title="([^"]+)"', token.info)):
            files[title[1]] = files.get(title[1], "") + token.content
    return files


FILES = examples()
CHECKS = ast.parse(FILES["checks/hw1/check_descent.py"])
TOML = "\n".join(text for path, text in FILES.items() if path.endswith(".toml"))


def attributes(tree, name):
    """The attributes that code takes of a name."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == name}


def keys(struct):
    """The keys of a table in TOML, those of tables inside it too."""
    for field in msgspec.structs.fields(struct):
        yield field.encode_name


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The example course, with its templates and fixture data made."""
    root = tmp_path_factory.mktemp("authoring") / "ml101"
    init.callback(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_COURSE", str(root))
        new.callback("hw1/warm_up")
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    grader(root, "stubs")
    grader(root, "fixtures")
    return root


def grader(root, *arguments):
    """Run a command in a course; what it prints."""
    command = [sys.executable, "-m", "grader", "--course", str(root), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_reference_and_the_variant_of_the_page_earn_full_marks(course):
    said = grader(course, "reference", "hw1", "--part", "descent")
    assert "19 of 19 points" in said
    assert "descent spread of 1 to 9: 2.73861   published 2.74 (the textbook, page 12)" in said
    path = course / "fixtures" / "hw1" / "warm_up" / "variants" / "added.py"
    out = course / "build" / "variant"
    named = out / "in" / "warm_up.py"
    named.parent.mkdir(parents=True)
    named.write_text(path.read_text())
    grader(course, "grade", "hw1", named, "--part", "warm_up", "--out", out / "out")
    (record,) = Store(out / "out").latest()
    assert record.score == record.max_score


def graded(course, name, *changes):
    """Grade the reference of the page with some of its text replaced, and return its checks by name."""
    wrong = (course / "reference" / "hw1" / "descent.py").read_text()
    for right, changed in changes:
        assert right in wrong
        wrong = wrong.replace(right, changed)
    out = course / "build" / name
    named = out / "in" / "descent.py"
    named.parent.mkdir(parents=True)
    named.write_text(wrong)
    grader(course, "grade", "hw1", named, "--part", "descent", "--out", out / "out")
    (record,) = Store(out / "out").latest()
    return {check.name: check for part in record.parts for check in part.checks}


def test_the_mistake_of_the_page_is_recognised_and_its_hint_is_shown(course):
    checks = graded(course, "mistake", ("x.std()", "x.var()"))
    assert checks["mean"].mistake == "variance"
    assert "standard deviation" in checks["mean"].hint
    assert checks["ranked"].score == checks["ranked"].points


@pytest.mark.slow
def test_the_training_of_the_page_is_watched_from_a_start_of_the_students_own(course):
    start = ("torch.randn(target.shape, device=device), []", "target + 3, []; torch.randn(target.shape)")
    checks = graded(course, "training", start, ("point - 0.1", "point + 0.1"))
    assert checks["descent"].mistake == "uphill"


@pytest.mark.slow
def test_the_page_names_the_problems_of_its_course_alone(course):
    """Its gate is not calibrated: `verify` says so, and nothing else."""
    command = [sys.executable, "-m", "grader", "--course", str(course), "verify", "hw1/descent"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wrong = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAIL")}
    assert wrong == {"8"}, done.stdout + done.stderr


@pytest.mark.parametrize("name", VOCABULARY)
def test_every_name_of_the_vocabulary_is_imported(name):
    imported = {alias.name for node in ast.walk(CHECKS) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert name in imported


def test_every_function_of_expect_is_used():
    assert attributes(CHECKS, "expect") == set(author_names.expect_names())


def test_every_power_of_submission_is_used():
    used = attributes(CHECKS, "submission")
    assert set(author_names.SUBMISSION) <= used
    assert all(hasattr(StudentPart, name) for name in author_names.SUBMISSION)


def test_every_pytest_fixture_is_asked_for_and_every_input_of_a_metric():
    functions = [node for node in CHECKS.body if isinstance(node, ast.FunctionDef)]
    asked = {argument.arg for function in functions for argument in function.args.args}
    assert set(author_names.fixtures()) <= asked
    assert all(f"`{name}`" in PAGE.read_text() for name in INPUTS)


def test_every_option_of_a_check_is_given():
    calls = [node for node in ast.walk(CHECKS) if isinstance(node, ast.Call)]
    given = {keyword.arg for call in calls if ast.unparse(call.func) == "check" for keyword in call.keywords}
    assert given == set(author_names.check_options())


def test_exhibits_and_credit_are_used_whole():
    assert set(author_names.exhibits_names()) <= attributes(CHECKS, "exhibits")
    assert "case" in attributes(CHECKS, "credit")


TABLES = (
    *(part_toml.PartConfig, part_toml.Limits, part_toml.Gate, part_toml.Threshold, part_toml.PublishedFigure),
    *(course_toml.CourseConfig, course_toml.AssignmentConfig, course_toml.AttackConfig, course_toml.HandoutConfig),
    *(Version, Question),
)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_key_of_a_table_is_written(table):
    for key in keys(table):
        assert re.search(rf"(^|[\[.{{, ]){key}( =|[\].])", TOML, re.MULTILINE), key
