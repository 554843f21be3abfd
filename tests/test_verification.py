"""`grader.verification`: whatever is broken on purpose is named once, with the command that repairs it.

One course holds a part for every way to break something, so that all of them are graded in one go.
"""

import itertools
import re

import pytest
from course_examples import make_course

from grader.commands.new import command as new
from grader.course.catalog import Course, Part
from grader.running.jobs import Engine
from grader.sandbox import levels
from grader.verification.gradings import How, solutions
from grader.verification.invariants import INVARIANTS, verify

SECOND_CHECK = '''

@check({depends}points=1)
def check_second(submission, expected):
    """`double` keeps the shape."""
    expect.shape({value}, expected.x.shape, name="double(x)")
'''
METRIC = "\n\nfrom grader import metric\n\n\n@metric\ndef loss(submission):\n    return 0.0\n"
GATES = '\n[gates.loss]\ntitle = "the loss"\nthreshold = 1.0\nk = 2\n'


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def write(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def other_inputs(part):
    expected = part.fixture_folder / "expected.json"
    edit(expected, "3.0", "4.0")
    edit(expected, "6.0", "8.0")


def more_checks(part, value, depends=""):
    part.check_file.write_text(part.check_file.read_text() + SECOND_CHECK.format(value=value, depends=depends))


def mistake(part):
    return part.fixture_folder / "mistakes" / "squared.py"


WRONG = "def double(x):\n    return 3 * x\n"
RIGHT = '"""A hint."""\n\n\ndef double(x):\n    return x + x\n'
SHOWN = "    return 2 * x.clone().detach().contiguous()\n    # END"
# How it is broken, the invariants it breaks, and for the first of them what is said and how it is repaired.
BREAKS = {
    "untouched": (lambda _: None, set(), "", ""),
    "no_template": (lambda p: p.template.unlink(), {1}, "student_template/demo/.* is missing", "grader stubs"),
    "no_data": (
        lambda p: (p.fixture_folder / "expected.json").unlink(),
        {1},
        "expected.json is missing",
        "grader fixtures",
    ),
    "no_make": (lambda p: (p.fixture_folder / "make.py").unlink(), {1}, "make.py is missing", "git restore"),
    "no_reference": (
        lambda p: p.reference.unlink(),
        {1},
        "reference/demo/no_reference.py is missing",
        "git restore",
    ),
    "no_checks": (lambda p: p.check_file.unlink(), {1}, "check_no_checks.py is missing", "git restore"),
    "stray_file": (
        lambda p: write(p.fixture_folder / "notes.txt", ""),
        {1},
        "stray_file/notes.txt does not belong in this folder",
        "git mv",
    ),
    "stray_folder": (
        lambda p: (p.fixture_folder / "errors").mkdir(),
        {1},
        "stray_folder/errors does not belong in this folder",
        "git mv",
    ),
    "old_template": (
        lambda p: edit(p.template, "double is not", "it is not"),
        {2},
        "the template is out of date",
        "grader stubs",
    ),
    "leaking": (
        lambda p: (
            edit(p.reference, "    return 2 * x  # (n,)\n    # END", SHOWN),
            edit(p.reference, "x stays as it was.", "So: return 2 * x.clone().detach().contiguous()"),
            edit(p.template, "x stays as it was.", "So: return 2 * x.clone().detach().contiguous()"),
        ),
        {2},
        "shows a line of the solution",
        "move it between",
    ),
    "no_region": (
        lambda p: edit(p.reference, "    # BEGIN SOLUTION\n", ""),
        {2},
        "ends without having begun",
        "look at reference/demo/no_region.py",
    ),
    "other_data": (other_inputs, {3}, "other values for doubled, x", "grader fixtures"),
    "failing_make": (
        lambda p: edit(p.fixture_folder / "make.py", "reference.double(x)}", "reference.treble(x)}"),
        {3},
        "make.py failed: AttributeError",
        "grader fixtures",
    ),
    "wrong_variant": (
        lambda p: write(p.fixture_folder / "variants" / "tripled.py", WRONG),
        {4},
        "variant tripled: double is failed",
        "grader grade demo fixtures/demo/wrong_variant/variants/tripled.py",
    ),
    "free_points": (lambda p: more_checks(p, "expected.x"), {5}, "second is passed", "grader stubs"),
    "harmless_mistake": (
        lambda p: write(p.fixture_folder / "mistakes" / "none.py", RIGHT),
        {6},
        "no check catches mistake none",
        "sharpen checks/demo/check_harmless_mistake.py",
    ),
    "blunt_check": (
        lambda p: more_checks(p, "submission.double(expected.x)"),
        {6},
        "no mistake fails second",
        "add one below fixtures/demo/blunt_check/mistakes",
    ),
    "never_run": (
        lambda p: more_checks(p, "submission.double(expected.x)", "depends_on=['double'], "),
        {6},
        "no mistake fails second",
        "add one below fixtures/demo/never_run/mistakes",
    ),
    "check_that_fails_itself": (
        lambda p: edit(
            p.check_file,
            "submission.double(expected.x), ",
            "{}[float(submission.double(expected.x)[0])], ",  # for the reference too, or it were the student's fault
        ),
        {4},
        "check double has an error of its own on the reference: .* KeyError: 2.0",
        "fix checks/demo/check_check_that_fails_itself.py",
    ),
    "no_mistakes": (lambda p: mistake(p).unlink(), {6}, "no mistake fails double", "add one below"),
    "no_docstring": (
        lambda p: edit(p.check_file, '    """`double` gives twice its argument."""\n', ""),
        {7},
        r"check_no_docstring.py:7: `check_double` has no docstring",
        "fix checks/demo/check_no_docstring.py, line 7",
    ),
    "worthless": (
        lambda p: edit(p.check_file, "points=10", "points=0"),
        {7},
        r"check_worthless.py:6: `check_double` has points=0: a check is worth more than 0 points",
        "fix checks/demo/check_worthless.py, line 6",
    ),
    "uncalibrated": (
        lambda p: (
            edit(p.fixture_folder / "part.toml", "order = 1\n", "order = 1\n" + GATES),
            p.check_file.write_text(p.check_file.read_text() + METRIC),
        ),
        {8},
        "no calibration.json",
        "grader calibrate demo/uncalibrated",
    ),
    "raising_reference": (
        lambda p: p.reference.write_text(p.reference.read_text() + "\n1 / 0\n"),
        {4},
        "cannot be loaded: ZeroDivisionError",
        "look at reference/demo/raising_reference.py",
    ),
    "typo_in_depends_on": (
        lambda p: more_checks(p, "submission.double(expected.x)", "depends_on=['dubble'], "),
        {7},
        (
            r"checks/demo/check_typo_in_depends_on.py:12: `check_second` depends on 'dubble', "
            "but no check has this name; did you mean 'double'?"
        ),
        "fix checks/demo/check_typo_in_depends_on.py, line 12",
    ),
    "broken_mistake": (
        lambda p: write(mistake(p), '"""A hint."""\ndef double(x:\n'),
        {7},
        r"mistakes/squared.py:2: Python cannot read this line: '\(' was never closed",
        "fix fixtures/demo/broken_mistake/mistakes/squared.py, line 2",
    ),
    "disagreeing": (
        lambda p: edit(p.fixture_folder / "make.py", "x + x)", "x * 3), 'three times'"),
        {9},
        "the witness disagrees: three times",
        "look at reference/demo/disagreeing.py",
    ),
    "raising_witness": (
        lambda p: edit(p.fixture_folder / "make.py", "x + x)", "1 / 0)"),
        {9},
        "the witness disagrees: ZeroDivisionError",
        "look at reference",
    ),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """The course, the solutions that are in it, what `verify` finds, and the steps that it tells."""
    root = tmp_path_factory.mktemp("course")
    make_course(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_COURSE", str(root))
        for name in BREAKS:
            new.callback(f"demo/{name}")
    for name, (break_it, *_) in BREAKS.items():
        break_it(Part(root, "demo", name))
    for stranger in (
        "reference/demo/stranger.py",
        "checks/demo/check_nothing.py",
        "student_template/demo/s.txt",
    ):
        (root / stranger).write_text("")
    course = Course(root)
    parts = course.parts("demo")
    steps = []
    how = How(Engine(2, 1), levels.choose("auto"), root / "build")
    there = [solution.name for part in parts for solution in solutions(part)]  # some tests repair what is broken
    findings = verify(course, parts, how, steps.append)
    return course, there, findings, steps


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_named_with_its_repair(broken, name):
    _, invariants, problem, repair = BREAKS[name]
    found = [finding for finding in broken[2] if finding.where == f"demo/{name}"]
    assert {finding.invariant for finding in found} == invariants, found
    assert len(found) == len(invariants), "one problem for one cause"
    assert all(finding.problem and finding.repair for finding in found)
    if invariants:
        assert any(re.search(problem, finding.problem) and finding.repair.startswith(repair) for finding in found), (
            found
        )


def test_files_that_belong_to_no_part_are_named(broken):
    strangers = {finding.where for finding in broken[2] if not finding.where.startswith("demo/")}
    assert strangers == {
        "reference/demo/stranger.py",
        "checks/demo/check_nothing.py",
        "student_template/demo/s.txt",
    }


def test_findings_come_in_the_order_of_the_invariants_and_cover_all_nine(broken):
    numbers = [finding.invariant for finding in broken[2]]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(INVARIANTS) == set(range(1, 10))


def test_every_solution_that_is_there_is_settled_once(broken):
    _, there, _, steps = broken
    assert sorted(steps) == sorted(there)


def test_nothing_that_can_be_repaired_by_a_command_stays_broken_after_it(broken, monkeypatch):
    course = broken[0]
    monkeypatch.setenv("GRADER_COURSE", str(course.root))
    from grader.commands.fixtures import command as fixtures
    from grader.commands.stubs import command as stubs
    from grader.verification.invariants import _fixture_data
    from grader.verification.layout import stub

    for name in ("no_template", "old_template", "no_data", "other_data"):
        part = Part(course.root, "demo", name)
        stubs.callback((part.identity,), check=False)
        fixtures.callback((part.identity,))
        found = itertools.chain(stub(part), _fixture_data(part))
        assert list(found) == []
