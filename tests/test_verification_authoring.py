"""`grader.verification.authoring`: each mistake of an author is one sentence with its file and line."""

import pytest
import safetensors.torch
import torch

from grader.cli import cli
from grader.errors import CourseError
from grader.grading.student_part import StudentPart
from grader.verification import author_names
from grader.verification.authoring import problems, refuse_broken
from grader.vocabulary import expect

CHECKS = '''"""demo/warm_up: what is checked here."""

from grader import check, expect


@check(points=10)
def check_double(submission, expected):
    """`double` gives twice its argument."""
    expect.close(submission.double(expected.x), expected.doubled, name="double(x)")


@check(points=1, visibility="hidden", reveal="values", depends_on=["check_double"])
def check_secret(submission, rng, request):
    """`double` works for other numbers."""
    expect.close(submission.double(rng), rng, name="double(x)")
'''
GATE = '\n[gates.loss]\ntitle = "the loss"\nthreshold = 1.0\nk = 2\n'
TOML = 'title = "A part"\norder = 1\n'
METRIC = "\n\n@metric\ndef loss(submission):\n    return 0.0\n"


@pytest.fixture
def part(demo):
    (part,) = demo.parts("demo")
    part.check_file.write_text(CHECKS)
    return part


def told(part):
    return [problem.told(part.course) for problem in problems(part)]


def test_a_part_that_is_well_made_has_no_problem(part):
    assert told(part) == []
    refuse_broken([part])


# What is written in place of what, and the one sentence that this gives after the check file's path.
CHECK_FILE = {
    "a typo in depends_on": (
        '"check_double"',
        '"dubble"',
        ":12: `check_secret` depends on 'dubble', but no check has this name; did you mean 'double'?",
    ),
    "depends_on a later check": (
        "(points=10)",
        '(points=10, depends_on=["secret"])',
        ":6: `check_double` depends on 'secret', which does not come before it: move one of them",
    ),
    "depends_on itself": (
        "(points=10)",
        '(points=10, depends_on=["double"])',
        ":6: `check_double` depends on 'double', which does not come before it: move one of them",
    ),
    "depends_on one name": (
        '["check_double"]',
        '"double"',
        ":12: `depends_on` is a list of names, not one name: put it in brackets",
    ),
    "no decorator": (
        "@check(points=10)\n",
        "",
        ":6: `check_double` has no `@check(points=…)` above it; give a helper function another name",
    ),
    "a decorator that is not called": (
        "@check(points=10)\n",
        "@check\n",
        ":7: `check_double` has `@check` without its points: `@check(points=…)`",
    ),
    "a check named test": (
        "def check_secret",
        "def test_secret",
        ":13: `test_secret` is never run: the name of a check begins with `check_`",
    ),
    "a test without decorator": (
        '@check(points=1, visibility="hidden", reveal="values", depends_on=["check_double"])\ndef check_',
        "def test_",
        ":12: `test_secret` is never run: a check is called `check_…` and has `@check(points=…)` above it",
    ),
    "a syntax error": ("def check_secret(", "def check_secret", ":13: Python cannot read this line: unmatched ')'"),
    "no points": ("points=10", "points=0", ":6: `check_double` has points=0: a check is worth more than 0 points"),
    "negative points": (
        "points=10",
        "points=-2.5",
        ":6: `check_double` has points=-2.5: a check is worth more than 0 points",
    ),
    "points left out": ("points=10", "", ":7: `check_double` has no points: `@check(points=…)`"),
    "points in words": (
        "points=10",
        "points='ten'",
        ":6: `check_double` has points='ten': a check is worth more than 0 points",
    ),
    "an unknown visibility": (
        '"hidden"',
        '"hiden"',
        ":12: there is no visibility 'hiden'; did you mean 'hidden'?",
    ),
    "an unknown reveal": (
        '"values"',
        '"all"',
        ":12: there is no reveal 'all'; there are: name, message, values",
    ),
    "an unknown option": (
        "points=10",
        "points=10, time_out=3",
        ":6: `@check` has no option 'time_out'; did you mean 'timeout'?",
    ),
    "an unknown fixture": ("rng, request", "rgn", ":13: a check cannot ask for 'rgn'; did you mean 'rng'?"),
    "a value that nobody makes": (
        "expected.doubled",
        "expected.dubbled",
        ":9: make.py makes no value 'dubbled'; did you mean 'doubled'?",
    ),
    "a function that nobody defines": (
        "submission.double(expected.x)",
        "submission.dubble(expected.x)",
        ":9: the reference defines no 'dubble'; did you mean 'double'?",
    ),
    "a function that expect lacks": (
        "expect.close(submission.double(expected.x)",
        "expect.clsoe(submission.double(expected.x)",
        ":9: `expect` has no 'clsoe'; did you mean 'close'?",
    ),
    "two checks of one name": (
        "def check_secret",
        "def check_double",
        ":13: there are two checks named 'double': the first is on line 7",
    ),
    "a gate that part.toml lacks": (
        "expect.close(submission.double(rng), rng, name=",
        'gates.require("los", name=',
        ":15: part.toml has no gate 'los'; there are: none",
    ),
    "no docstring": (
        '    """`double` gives twice its argument."""\n',
        "",
        ":7: `check_double` has no docstring: students read it as the title of the check",
    ),
}


@pytest.mark.parametrize("name", CHECK_FILE)
def test_a_mistake_in_a_check_file_is_one_sentence_with_its_line(part, name):
    old, new, sentence = CHECK_FILE[name]
    assert old in CHECKS
    part.check_file.write_text(CHECKS.replace(old, new, 1))
    found = told(part)
    assert found == [f"checks/demo/check_warm_up.py{sentence}"]
    if name != "no docstring":
        with pytest.raises(CourseError) as caught:
            refuse_broken([part])
        assert found[0] in str(caught.value).splitlines()


def test_a_visible_check_cannot_depend_on_a_hidden_one(part):
    later = '\n\n@check(points=1, depends_on=["secret"])\ndef check_open():\n    """Open."""\n'
    part.check_file.write_text(CHECKS + later)
    (found,) = told(part)
    assert found.endswith(
        ":18: `check_open` depends on 'secret', which is hidden: a visible check depends on visible ones only"
    )


def test_a_file_without_checks_is_told(part):
    part.check_file.write_text("x = 1\n")
    assert told(part) == [
        ("checks/demo/check_warm_up.py:1: there is no check in this file: no function with `@check(points=…)` above it")
    ]


def test_a_file_whose_only_check_is_undeclared_has_one_problem(part):
    part.check_file.write_text("def check_it():\n    pass\n")
    (found,) = told(part)
    assert "`check_it` has no `@check(points=…)`" in found


def test_helpers_own_fixtures_and_parametrized_checks_are_no_mistakes(part):
    part.check_file.write_text(
        CHECKS
        + "\n\ndef near(x):\n    return x\n"
        + "\n\n@pytest.fixture\ndef pairs():\n    return []\n"
        + '\n\n@check(points=1)\n@pytest.mark.parametrize("n", [1])\ndef check_many(n):\n    """Many."""\n'
        + '\n\n@check(points=1)\ndef check_own(pairs):\n    """Own."""\n'
    )
    assert told(part) == []


def test_a_gate_and_its_metric_belong_together(part):
    terms = part.fixture_folder / "part.toml"
    terms.write_text(TOML + GATE)
    assert told(fresh(part)) == [
        (
            "fixtures/demo/warm_up/part.toml:4: "
            "gate 'loss' has no metric: check_warm_up.py defines no function of this name"
        )
    ]
    part.check_file.write_text(CHECKS + METRIC)
    assert told(fresh(part)) == []
    part.check_file.write_text(CHECKS + METRIC.replace("loss", "cost"))
    assert told(fresh(part)) == [
        (
            "fixtures/demo/warm_up/part.toml:4: "
            "gate 'loss' has no metric: check_warm_up.py defines no function of this name with `@metric`"
        ),
        "checks/demo/check_warm_up.py:19: metric 'cost' has no gate: part.toml has no [gates.cost]",
    ]


def fresh(part):
    """The same part, read again."""
    return type(part)(part.course, part.assignment, part.name)


def test_a_value_that_make_has_just_got_is_asked_for(part):
    maker = part.fixture_folder / "make.py"
    maker.write_text(maker.read_text().replace('"doubled"', '"twice"'))
    part.check_file.write_text(CHECKS.replace("expected.doubled", "expected.twice"))
    (found,) = told(part)
    assert found.endswith(":9: `expected.twice` is not in expected.json yet: run `grader fixtures demo/warm_up`")


def test_large_values_are_known_too(part):
    (part.fixture_folder / "expected.safetensors").write_bytes(safetensors.torch.save({"big": torch.zeros(2)}))
    part.check_file.write_text(CHECKS.replace("expected.doubled", "expected.big"))
    assert told(part) == []


@pytest.mark.parametrize("name", sorted({*author_names.taken_names()} - {"double"}))
def test_an_entry_point_cannot_have_a_name_of_the_graders_own(part, name):
    part.reference.write_text(part.reference.read_text() + f"\n\ndef {name}():\n    pass\n")
    (found,) = told(part)
    line = len(part.reference.read_text().splitlines()) - 1
    assert found == (
        f"reference/demo/warm_up.py:{line}: "
        f"no check can call `{name}`, since `submission.{name}` is the grader's own: rename it"
    )


@pytest.mark.parametrize(
    ("path", "stops"),
    [("reference/demo/warm_up.py", True), ("fixtures/demo/warm_up/make.py", False)]
    + [(f"fixtures/demo/warm_up/{kind}/other.py", False) for kind in ("mistakes", "variants")],
)
def test_a_file_that_python_cannot_read_is_named_with_the_line(part, path, stops):
    (part.course / path).parent.mkdir(exist_ok=True)
    (part.course / path).write_text('"""A hint."""\nx = (\n')
    (problem,) = problems(part)
    assert problem.told(part.course) == f"{path}:2: Python cannot read this line: '(' was never closed"
    assert (problem.stops, problem.unreadable) == (stops, True)


def test_a_mistake_needs_a_docstring(part):
    (path,) = part.mistakes
    path.write_text("def double(x):\n    return x**2\n")
    (problem,) = problems(part)
    assert problem.told(part.course) == (
        "fixtures/demo/warm_up/mistakes/squared.py:1: this mistake has no docstring: it is the hint that students read"
    )
    assert not problem.stops


def test_every_mistake_that_stops_a_run_is_told_at_once(part):
    part.check_file.write_text(CHECKS.replace("points=10", "points=0").replace('"hidden"', '"hiden"'))
    with pytest.raises(CourseError) as caught:
        refuse_broken([part])
    assert len(str(caught.value).splitlines()) == 2
    part.check_file.unlink()
    with pytest.raises(CourseError, match=r"^checks/demo/check_warm_up\.py is missing$"):
        refuse_broken([part])


def test_calibrate_refuses_a_part_with_a_mistake_of_its_author(part):
    (part.fixture_folder / "part.toml").write_text(TOML + GATE)
    with pytest.raises(CourseError, match=r"^fixtures/demo/warm_up/part\.toml:4: gate 'loss' has no metric: [^\n]*$"):
        cli.main(["calibrate", part.identity], standalone_mode=False)


@pytest.mark.parametrize("path", ["reference/demo/warm_up.py", "fixtures/demo/warm_up/make.py"])
def test_fixtures_refuses_a_file_that_python_cannot_read(part, path):
    (part.course / path).write_text("x = (\n")
    with pytest.raises(CourseError, match=rf"^{path}:1: Python cannot read this line: [^\n]*$"):
        cli.main(["fixtures", part.identity], standalone_mode=False)


def test_fixtures_makes_a_value_that_a_check_already_uses(part):
    maker = part.fixture_folder / "make.py"
    maker.write_text(maker.read_text().replace('"doubled"', '"twice"'))
    part.check_file.write_text(CHECKS.replace("expected.doubled", "expected.twice"))
    cli.main(["fixtures", part.identity], standalone_mode=False)
    assert told(part) == []


def test_the_lists_of_names_are_those_of_the_code():
    assert set(author_names.expect_names()) == {
        name
        for name, value in vars(expect).items()
        if callable(value) and not name.startswith("_") and value.__module__ == expect.__name__
    }
    assert set(author_names.found_in_expect()) >= {name for name in vars(expect) if not name.startswith("_")} - {
        "annotations"
    }
    methods = {name for name in dir(StudentPart) if not name.startswith("_")}
    assert methods | {"turn"} == set(author_names.taken_names())
    assert {"read", "file", "apply", "close", "observe", "constant", "prepare"} <= methods
    assert set(author_names.SUBMISSION) <= methods
    assert {"submission", "expected", "gates", "rng"} <= set(author_names.fixtures())
    assert author_names.check_options()[0] == "points"
    assert "case" in author_names.credit_names()
    assert "curves" in author_names.exhibits_names()
