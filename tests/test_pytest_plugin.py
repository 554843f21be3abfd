"""`grading.pytest_plugin`: what a check file does becomes records, and nothing else has a say."""

import dataclasses
import itertools
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from grader.course.fixture_data import Expected
from grader.course.part_toml import Gate
from grader.datasets.catalog import DatasetCatalog
from grader.errors import (
    CourseError,
    Crashed,
    Mismatch,
    MissingFunction,
    NotImplementedYet,
    OutOfMemory,
    Starved,
    TimedOut,
    UnreadableCode,
)
from grader.grading import pytest_run
from grader.grading.call_log import Call, CheckInProgress
from grader.grading.part_run import PartRun
from grader.grading.pytest_run import run_checks
from grader.records.record import Verdict, Visibility

HEAD = "import pytest\nimport torch\nfrom grader import check, expect, metric\nfrom grader.errors import *\n"


class FakeStudentPart:
    """Stands in for a student's part: answers with what it is called with, prints, and fails on request."""

    def __init__(self) -> None:
        self.turn = CheckInProgress("", 1.0)
        self.begun: list[tuple[str, float | None]] = []
        self.closed = 0
        self._printed = ""
        self.truncated = False
        self.runs = 1

    def begin_run(self):
        self.runs += 1

    def begin(self, check, call_seconds):
        self.turn = CheckInProgress(check, call_seconds or 1.0)
        self.begun.append((check, call_seconds))

    def longest(self, call_seconds):
        return 30.0 + (call_seconds or 1.0)

    def echo(self, value):
        self.turn.calls.append(Call("echo", (value,), {}, 1000 + len(self.turn.calls), value, 0.0))
        return value

    def say(self, words):
        self._printed += words

    def fail(self, kind):
        kinds = {
            "crash": Crashed,
            "stub": NotImplementedYet,
            "gone": MissingFunction,
            "wrong": Mismatch,
            "busy": Starved,
            "timeout": TimedOut,
            "memory": OutOfMemory,
            "unreadable": UnreadableCode,
        }
        raise kinds[kind](f"It was {kind}.", detail="the detail", traceback="the traceback")

    def take_output(self):
        words, self._printed = self._printed, ""
        return words

    def close(self):
        self.closed += 1


def part_run(name="lab1/thing", seed=1, hidden_seed=2, **values):
    return PartRun(
        name=name,
        submission=FakeStudentPart(),
        expected=Expected(values, name),
        gates={"loss": Gate(title="loss", threshold=2.0, k=2)},
        seed=seed,
        hidden_seed=hidden_seed,
    )


def check_file(folder: Path, text: str, name="check_thing.py") -> Path:
    path = folder / name
    path.write_text(HEAD + text)
    return path


@pytest.fixture
def run(tmp_path):
    def run_one(text, *, visible_only=False, until_caught=False, **values):
        made = part_run(**values)
        name = f"check_{next(numbers)}.py"  # a name of its own: pytest keeps the modules it has imported
        path = check_file(tmp_path, text, name)
        outcome = run_checks({path: made}, visible_only=visible_only, until_caught=until_caught)[path]
        parts = {one.name: getattr(outcome, one.name) for one in dataclasses.fields(outcome)}
        return SimpleNamespace(student=made.submission, failed_calls=outcome.failed_calls, **parts)

    numbers = itertools.count()

    return run_one


def verdicts(run):
    return {name: record.verdict.value for name, record in run.records.items()}


def scores(run):
    return {name: record.score for name, record in run.records.items()}


def test_checks_become_records_in_the_order_of_the_file(run):
    made = run(
        '''
@check(points=3)
def check_zeta(submission, expected):
    """Zeta is
    right.

    This is for authors."""
    assert expected.x == submission.echo(5)

@check(points=2.5, visibility="hidden", timeout=7)
def check_alpha(submission):
    """Alpha."""
    submission.fail("wrong")

@check(points=1)
def check_beta(submission):
    """Beta."""
    submission.fail("crash")
''',
        x=5,
    )
    assert list(made.records) == ["zeta", "alpha", "beta"]
    zeta, alpha, beta = made.records.values()
    assert (zeta.title, zeta.verdict, zeta.points, zeta.score) == ("Zeta is right.", Verdict.passed, 3, 3)
    assert zeta.message == ""
    assert (alpha.verdict, alpha.points, alpha.score) == (Verdict.failed, 2.5, 0)
    assert (alpha.visibility, alpha.message, alpha.detail) == (Visibility.hidden, "It was wrong.", "the detail")
    assert (beta.verdict, beta.traceback) == (Verdict.crashed, "the traceback")
    # The visible ones run first: of what hidden ones are asked, nothing is there yet to be printed.
    assert made.student.begun == [("zeta", None), ("beta", None), ("alpha", 7)]
    assert made.student.closed == 1, "the last check ends the worker"


def test_the_visible_checks_of_all_parts_run_before_any_hidden_one(tmp_path):
    """A hidden input of one part must not exist yet while anything that the student's code prints is shown."""
    text = '''
@check(points=1, visibility="hidden")
def check_secret(submission):
    """Secret."""
    submission.say("secret")

@check(points=1)
def check_open(submission):
    """Open."""
    submission.say("open")
'''
    runs = {check_file(tmp_path, text, f"check_phase_{name}.py"): part_run(f"lab1/{name}") for name in ("a", "b")}
    order = []
    for path, run in runs.items():
        run.submission.begun = Begun(path.stem[-1], order)
    outcomes = run_checks(runs)
    assert order == [("a", "open"), ("b", "open"), ("a", "secret"), ("b", "secret")]
    assert [outcome.output for outcome in outcomes.values()] == ["open", "open"]
    assert [run.submission.closed for run in runs.values()] == [2, 2], "a slot holds one worker at a time"


class Begun(list):
    """Notes for each check that begins which part it is of."""

    def __init__(self, part, order):
        self.part, self.order = part, order

    def append(self, begun):
        self.order.append((self.part, begun[0]))


def test_a_check_that_the_machine_was_too_busy_for_is_our_fault_and_noted(run):
    text = '''
@check(points=1)
def check_it(submission):
    """It."""
    submission.fail({kind!r})
'''
    made = run(text.format(kind="busy"))
    assert (verdicts(made), made.starved, made.failed_calls) == ({"it": "grader_error"}, True, {})
    assert not run(text.format(kind="crash")).starved


def test_the_deadline_behind_all_others_leaves_time_for_a_last_call(run):
    made = run('''
@check(points=1, timeout=7)
def check_it(request):
    """It."""
    assert request.node.get_closest_marker("timeout").args == (30.0 + 7 + 60,)
''')
    assert verdicts(made) == {"it": "passed"}


def test_words_of_an_error_of_ours_can_be_written_whatever_was_returned(run):
    made = run('''
@check(points=1)
def check_it(submission):
    """It."""
    raise ValueError(submission.echo("half a pair: \\ud800"))
''')
    assert verdicts(made) == {"it": "grader_error"}
    assert made.records["it"].detail.encode()
    assert made.broken == {"it"}


def test_points_are_fixed_before_anything_runs(run):
    made = run('''
@check(points=3)
def check_first(submission, request):
    """First."""
    request.session.items.clear()
    raise KeyError("ours")

@check(points=4)
def check_second(submission):
    """Second."""
''')
    assert {name: record.points for name, record in made.records.items()} == {"first": 3, "second": 4}
    assert scores(made)["first"] == 0


def test_an_error_of_ours_is_never_the_students(run):
    made = run('''
@check(points=1)
def check_type(submission):
    """Type."""
    {}["nothing"]

@check(points=1)
def check_assert(submission):
    """Assert."""
    assert 1 == 2

@check(points=1)
def check_fixture(no_such_fixture):
    """Fixture."""

@check(points=1)
def check_expected(expected):
    """Expected."""
    expected.no_such_value

@check(points=1)
def check_fail():
    """Fail."""
    pytest.fail("by pytest")

@check(points=1)
def check_fine():
    """Fine."""
''')
    assert verdicts(made) == dict.fromkeys(("type", "assert", "fixture", "expected", "fail"), "grader_error") | {
        "fine": "passed"
    }
    broken = made.records["type"]
    assert broken.score == 0
    assert "our fault, not yours" in broken.message
    assert "KeyError" in broken.detail
    assert "nothing" not in broken.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def check_it():\n    pass\n", "has no @check"),
        ('@check(points=1)\ndef check_it():\n    "A."\n@check(points=1)\ndef check_it(:\n', "SyntaxError"),
        ("import no_such_module_anywhere\n", "no_such_module_anywhere"),
        ("@check(points=0)\ndef check_it():\n    pass\n", "more than 0 points"),
        ('@check(points=1, depends_on=["nothing"])\ndef check_it():\n    pass\n', "depends on 'nothing'"),
        (
            '@check(points=1, depends_on=["later"])\ndef check_it(): pass\n@check(points=1)\ndef check_later(): pass\n',
            "depends on 'later'",
        ),
        ('@check(points=1, depends_on=["it"])\ndef check_it():\n    pass\n', "depends on 'it'"),
        ("x = 1\n", "could not be run"),
        ("pytest.skip('no', allow_module_level=True)\n", "could not be run"),
        ("@check(points=1)\ndef check_it():\n    pytest.exit('enough')\n", "could not be run"),
        (
            "@check(points=1)\ndef check_one(): pass\nclass TestX:\n @check(points=1)\n def check_one(self): pass\n",
            "two checks named 'one'",
        ),
    ],
)
def test_a_check_file_that_is_wrong_is_our_error_in_pytests_words(run, text, words):
    with pytest.raises(CourseError, match="the checks could not be run") as caught:
        run(text)
    assert words in str(caught.value)
    assert "INTERNALERROR" not in str(caught.value)


def test_a_check_file_that_is_missing_is_our_error(tmp_path):
    with pytest.raises(CourseError, match=r"check_nothing\.py"):
        run_checks({tmp_path / "check_nothing.py": part_run()})


def test_what_depends_on_a_failed_check_is_skipped_and_says_why(run):
    made = run('''
@check(points=1)
def check_shape(submission):
    """The shape is right."""
    submission.fail("wrong")

@check(points=1, depends_on=["check_shape"])
def check_values(submission):
    """The values are right."""

@check(points=1, depends_on=["values"])
def check_more(submission):
    """More."""
    raise KeyError

@check(points=1)
def check_alone(submission):
    """Alone."""
''')
    assert verdicts(made) == {"shape": "failed", "values": "skipped", "more": "skipped", "alone": "passed"}
    assert made.records["values"].message == "Skipped: first fix “The shape is right.”"
    assert made.records["more"].message == made.records["values"].message, "the one that failed, not the next in line"
    assert made.records["values"].score == 0
    assert {name: one.waits_for for name, one in made.records.items()} == {
        "shape": "",
        "values": "shape",
        "more": "shape",
        "alone": "",
    }


@pytest.mark.parametrize(("kind", "verdict"), [("stub", "not_implemented"), ("gone", "missing")])
def test_what_depends_on_a_function_that_is_not_there_has_its_verdict(run, kind, verdict):
    made = run(f'''
@check(points=1)
def check_stub(submission):
    """Stub."""
    submission.fail("{kind}")

@check(points=1, depends_on=["stub"])
def check_values(submission):
    """Values."""

@check(points=1, depends_on=["values"])
def check_more(submission):
    """More."""
''')
    assert set(verdicts(made).values()) == {verdict}
    assert made.records["more"].message == f"It was {kind}."
    assert [one.waits_for for one in made.records.values()] == ["", "stub", "stub"]


@pytest.mark.parametrize("while_loading", [True, False])
def test_a_module_that_is_not_installed_is_nobodys_zero_and_its_name_tells_nothing_of_hidden_inputs(run, while_loading):
    made = run(f'''
@check(points=1)
def check_shown(submission):
    """Shown."""
    raise NotInstalled("tqdm", while_loading={while_loading})

@check(points=1, visibility="hidden")
def check_hidden(submission):
    """Hidden."""
    raise NotInstalled("tqdm", while_loading={while_loading})
''')
    assert set(verdicts(made).values()) == {"grader_error"}
    assert made.not_installed == {"tqdm"}
    assert made.broken == set(), "the reference need not be asked"
    assert "imports `tqdm`, which is not installed" in made.records["shown"].message
    assert ("tqdm" in made.records["hidden"].message) == while_loading
    assert "tqdm" in made.records["hidden"].message + made.records["hidden"].detail, "the instructor is told"


def test_what_depends_on_an_error_of_ours_is_skipped(run):
    made = run('''
@check(points=1)
def check_ours():
    """Ours."""
    1 / 0

@check(points=1, depends_on=["ours"])
def check_next():
    """Next."""
''')
    assert verdicts(made) == {"ours": "grader_error", "next": "skipped"}
    assert made.records["next"].message == (
        "Skipped: “Ours.” comes first, and the grader failed there. That is our fault, not yours."
    )


PARTIAL = '''
@check(points=9, partial=True)
def check_it(submission, credit, expected):
    """It."""
    for case in expected.cases:
        with credit.case(f"case {case}"):
            expect.that(case != "bad", f"It is {case}.", detail="values")
'''


@pytest.mark.parametrize(
    ("cases", "verdict", "score"),
    [
        (["a", "b", "c"], "passed", 9),
        (["a", "bad", "c"], "failed", 6),
        (["bad", "bad", "c", "d"], "failed", 4.5),
        (["bad"], "failed", 0),
        (["bad", "b", "b", "b", "b", "b", "b"], "failed", 7.71),
        ([], "passed", 9),
    ],
)
def test_partial_credit_is_the_share_of_the_cases_that_pass(run, cases, verdict, score):
    made = run(PARTIAL, cases=cases)
    assert verdicts(made) == {"it": verdict}
    assert scores(made) == {"it": score}


def test_a_failed_case_is_named_and_counted(run):
    record = run(PARTIAL, cases=["a", "bad", "bad"]).records["it"]
    assert record.message == "It is bad. (case bad; 1 of 3 cases are right)"
    assert record.detail == "values"


@pytest.mark.parametrize(
    ("failing", "verdict"), [("crash", "crashed"), ("timeout", "timed_out"), ("memory", "out_of_memory")]
)
def test_a_case_in_which_the_code_fails_costs_its_share(run, failing, verdict):
    text = PARTIAL.replace("expect.that(", f'submission.fail("{failing}") if case == "b" else expect.that(')
    made = run(text, cases=["a", "b", "c"])
    assert (verdicts(made), scores(made)) == ({"it": verdict}, {"it": 6})
    assert made.records["it"].message.endswith("(case b; 2 of 3 cases are right)")


def test_code_that_cannot_be_read_at_all_fails_no_single_case(run):
    text = PARTIAL.replace("expect.that(", 'submission.fail("unreadable") if case == "b" else expect.that(')
    made = run(text, cases=["a", "b", "c"])
    assert (verdicts(made), scores(made)) == ({"it": "crashed"}, {"it": 0})


def test_a_crash_between_the_cases_earns_nothing(run):
    text = PARTIAL + '        if case == "b":\n            submission.fail("crash")\n'
    made = run(text, cases=["a", "b", "c"])
    assert (verdicts(made), scores(made)) == ({"it": "crashed"}, {"it": 0})


def test_a_mismatch_outside_the_cases_keeps_what_the_cases_earned_at_most(run):
    text = PARTIAL + '    submission.fail("wrong")\n'
    made = run(text, cases=["a", "bad"])
    assert verdicts(made) == {"it": "failed"}
    assert scores(made)["it"] <= 4.5


def test_an_error_of_ours_within_a_case_is_ours(run):
    made = run(PARTIAL + "            {}[case]\n", cases=["a"])
    assert verdicts(made) == {"it": "grader_error"}
    assert scores(made) == {"it": 0}


def test_credit_must_be_declared(run):
    made = run(PARTIAL.replace(", partial=True", ""), cases=["a"])
    assert verdicts(made) == {"it": "grader_error"}
    assert "without partial=True" in made.records["it"].detail


def test_only_what_visible_checks_print_is_shown(run):
    made = run("\n".join(
        f'@check(points=1, visibility="{visibility}")\n'
        f'def check_{visibility}(submission):\n    """V."""\n    submission.say("{visibility}! ")\n'
        for visibility in ("hidden", "visible", "after_due_date", "after_published")
    ))  # fmt: skip
    assert made.output == "visible! "


def test_how_much_hidden_checks_print_is_not_told(run):
    def flooded(visibility):
        return run(
            f'@check(points=1, visibility="{visibility}")\n'
            'def check_flood(submission):\n    """F."""\n    submission.truncated = True\n'
        ).output_truncated

    assert flooded("visible")
    assert not flooded("hidden")


def test_what_a_check_itself_prints_goes_nowhere(run, capfd):
    made = run('@check(points=1)\ndef check_it():\n    "It."\n    print("to nobody")\n')
    assert made.output == ""
    assert "to nobody" not in "".join(capfd.readouterr())


VISIBLE = '''
@check(points=1, visibility="hidden")
def check_secret(submission):
    """Secret."""
    submission.fail("wrong")

@check(points=1)
def check_open(submission):
    """Open."""

@check(points=1, visibility="after_due_date", depends_on=["secret"])
def check_late(submission):
    """Late."""
'''


def test_only_visible_checks_run_when_asked_for(run):
    made = run(VISIBLE, visible_only=True)
    assert verdicts(made) == {"open": "passed"}
    assert [name for name, _ in made.student.begun] == ["open"]
    assert verdicts(run(VISIBLE)) == {"secret": "failed", "open": "passed", "late": "skipped"}


FAIL_IN_TURN = '''
@check(points=1)
def check_ours(submission):
    """The check fails itself."""
    1 / 0

@check(points=1)
def check_first(submission):
    """First."""
    submission.fail("wrong")

@check(points=1)
def check_second(submission):
    """Second."""
    submission.fail("timeout")
'''


def test_after_a_check_that_took_marks_the_others_are_skipped_when_asked_for(run):
    made = run(FAIL_IN_TURN, until_caught=True)
    assert verdicts(made) == {"ours": "grader_error", "first": "failed", "second": "skipped"}
    assert verdicts(run(FAIL_IN_TURN)) == {"ours": "grader_error", "first": "failed", "second": "timed_out"}


def test_a_visible_check_may_not_depend_on_a_hidden_one(run):
    with pytest.raises(CourseError, match="open is visible, and cannot depend on 'secret', which is hidden"):
        run(VISIBLE.replace("@check(points=1)", '@check(points=1, depends_on=["secret"])'))


def test_a_part_without_visible_checks_is_no_error_when_only_those_are_asked_for(run):
    hidden = '@check(points=1, visibility="hidden")\ndef check_it():\n    """It."""\n'
    assert run(hidden, visible_only=True).records == {}
    with pytest.raises(CourseError, match="SyntaxError"):
        run(hidden + "def\n", visible_only=True)


def test_a_check_may_skip_itself(run):
    made = run('@check(points=2)\ndef check_it():\n    "It."\n    pytest.skip("No GPU here.")\n')
    assert verdicts(made) == {"it": "skipped"}
    assert (made.records["it"].message, made.records["it"].score) == ("No GPU here.", 0)


def test_an_expected_failure_of_pytests_is_no_pass(run):
    made = run(
        '@check(points=2)\n@pytest.mark.xfail\ndef check_it(submission):\n    "It."\n    submission.fail("wrong")\n'
    )
    assert verdicts(made) == {"it": "failed"}


def test_gates_figures_and_seeds_are_recorded(run):
    made = run('''
@metric
def loss(submission):
    return submission.echo(2)

@check(points=1)
def check_it(submission, gates):
    """It."""
    submission.echo(1)
    gates.require("loss", name="the loss")

@check(points=1)
def check_next(submission):
    """Next."""
    submission.echo(3)
    submission.fail("wrong")
''')
    assert made.figures == {"loss": 2.0}
    assert made.records["it"].seeds == (1000, 1001)
    assert made.records["next"].seeds == (1000,)
    assert list(made.failed_calls) == ["next"]
    assert [call.outcome for call in made.failed_calls["next"]] == [3]
    assert made.records["it"].seconds >= 0


def test_metric_and_check_draw_from_one_generator(run):
    made = run('''
@metric
def loss(rng):
    return float(torch.rand((), generator=rng)) + 1

@check(points=1)
def check_it(gates, rng, figures):
    """It."""
    figures["first"] = float(torch.rand((), generator=rng)) + 1
    gates.require("loss", name="the loss")
    figures["third"] = float(torch.rand((), generator=rng)) + 1
''')
    assert verdicts(made) == {"it": "passed"}
    assert len(set(made.figures.values())) == 3, "no draw is drawn twice"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "gate 'loss' of part.toml has no metric; declare it with @metric"),
        (
            "@metric\ndef loss():\n    return 1.0\n\n@metric\ndef other():\n    return 1.0\n",
            "metric 'other' has no gate",
        ),
    ],
)
def test_gates_and_metrics_that_do_not_match_are_a_fault_of_ours(run, text, words):
    made = run(f'{text}\n@check(points=1)\ndef check_it(gates):\n    "It."\n')
    assert verdicts(made) == {"it": "grader_error"}
    assert words in made.records["it"].detail
    assert "check_" in made.records["it"].detail


def test_a_figure_is_as_visible_as_the_check_that_noted_it_last(run):
    made = run('''
@check(points=1, visibility="hidden")
def check_first(figures):
    """First."""
    assert not figures
    figures.update(secret=1.0, shared=2.0)
    figures["noted before it fails"] = 3.0
    assert False

@check(points=1)
def check_second(figures):
    """Second."""
    figures.update(open=4.0, shared=5.0)

@check(points=1, visibility="after_published")
def check_third(figures):
    """Third."""
    figures["late"] = 6.0
''')
    assert made.figures == {"secret": 1, "shared": 2, "noted before it fails": 3, "open": 4, "late": 6}
    assert made.hidden_figures == {"secret", "shared", "noted before it fails", "late"}


def test_exhibits_are_kept_whatever_comes_of_the_check(run):
    made = run('''
@check(points=1)
def check_passes(exhibits):
    """Passes."""
    exhibits.curves("loss", {"sgd": [3.0, 2.0]}, x_label="step", y_label="cost", log=True)

@check(points=1, visibility="hidden")
def check_fails(submission, exhibits):
    """Fails."""
    exhibits.confusion("confusion", torch.tensor([0, 1]), torch.tensor([1, 1]), ("ant", "bee"))
    exhibits.images("images", {"ant": {"right": torch.zeros(1, 3, 2, 2, dtype=torch.uint8)}})
    submission.fail("wrong")

@check(points=1)
def check_again(exhibits):
    """Again."""
    exhibits.curves("loss", {"adam": [1.0]}, x_label="epoch", y_label="cost")
''')
    assert verdicts(made) == {"passes": "passed", "fails": "failed", "again": "passed"}
    assert [(e.evidence.name, e.check, e.visibility) for e in made.exhibits.values()] == [
        ("loss", "again", Visibility.visible),  # the last one of a name
        ("confusion", "fails", Visibility.hidden),
        ("images", "fails", Visibility.hidden),
    ]
    assert made.exhibits["loss"].evidence.curves[0].name == "adam"
    assert made.exhibits["confusion"].evidence.counts == ((0, 1), (0, 1))
    assert made.exhibits["images"].evidence.rows[0].strips[0].count == 1


def test_what_a_classifier_predicts_is_shown_by_the_names_that_every_part_uses(run):
    made = run('''
@check(points=1)
def check_one(exhibits):
    """One."""
    pixels, logits = torch.zeros(2, 3, 2, 2, dtype=torch.uint8), torch.tensor([[2.0, 0.0], [1.0, 0.0]])
    exhibits.classification(pixels, torch.tensor([0, 1]), logits, ("ant", "bee"))
''')
    assert made.exhibits["Predictions of the test images"].evidence.counts == ((1, 0), (1, 0))
    ants, bees = made.exhibits["Most confident predictions"].evidence.rows
    assert [strip.count for strip in (*ants.strips, *bees.strips)] == [1, 1, 0, 0]


def test_inputs_of_hidden_checks_have_a_seed_of_their_own(run):
    text = '''
@check(points=1)
def check_open(submission, rng):
    """Open."""
    submission.echo(torch.rand(3, generator=rng).tolist())

@check(points=1, visibility="hidden")
def check_secret(submission, rng):
    """Secret."""
    submission.echo(torch.rand(3, generator=rng).tolist())
'''
    given = [run(text, seed=seed, hidden_seed=hidden).calls for seed, hidden in ((1, 2), (1, 3), (4, 2))]
    visible, hidden = ([calls[name][0].args for calls in given] for name in ("open", "secret"))
    assert visible[0] == visible[1] != visible[2]
    assert hidden[0] == hidden[2] != hidden[1]


def test_equal_seeds_give_equal_inputs_and_others_give_others(run):
    text = '''
@check(points=1)
def check_one(submission, rng):
    """One."""
    submission.echo(torch.rand(3, generator=rng))

@check(points=1)
def check_two(submission, rng):
    """Two."""
    submission.echo(torch.rand(3, generator=rng))
'''

    def inputs(**fields):
        made = run(text, **fields)
        assert set(verdicts(made).values()) == {"passed"}
        return torch.stack([made.calls[name][0].outcome for name in ("one", "two")])

    first = inputs(seed=1)
    assert torch.equal(first, inputs(seed=1))
    assert not torch.equal(first[0], first[1]), "each check draws its own"
    assert not torch.equal(first, inputs(seed=2))
    assert not torch.equal(first, inputs(seed=1, name="lab1/other"))


def test_two_parts_run_side_by_side_and_each_ends_its_worker_before_the_next(tmp_path):
    text = '@check(points={points})\ndef check_it(submission):\n    """It."""\n'
    runs = {
        check_file(tmp_path, text.format(points=p), f"check_{name}.py"): part_run(f"lab1/{name}")
        for p, name in ((1, "b"), (2, "a"))
    }
    outcomes = run_checks(runs)
    assert [outcomes[path].records["it"].points for path in runs] == [1, 2]
    assert all(run.submission.closed == 1 for run in runs.values())


HOSTILE_CONFTEST = """
import pytest
from pathlib import Path
from types import SimpleNamespace
Path(__file__).with_name("was_run").touch()
def pytest_collection_modifyitems(items):
    items.clear()
@pytest.fixture
def submission():
    return None
"""
FAILING = '@check(points=1)\ndef check_it(submission):\n    """It."""\n    submission.fail("wrong")\n'


def test_settings_in_the_working_folder_or_beside_the_checks_are_not_read(tmp_path, monkeypatch):
    inner = tmp_path / "checks"
    inner.mkdir()
    for folder in (tmp_path, inner):
        (folder / "conftest.py").write_text(HOSTILE_CONFTEST)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\npython_functions = nothing_*\n")
        (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "-k nothing"\n')
        (folder / "sitecustomize.py").write_text("raise SystemExit('no')\n")
        (folder / "torch.py").write_text("raise SystemExit('no')\n")
    for folder in (tmp_path, inner):
        monkeypatch.chdir(folder)
        (made,) = run_checks({check_file(inner, FAILING): part_run()}).values()
        assert verdicts(made) == {"it": "failed"}
    assert not list(tmp_path.rglob("was_run"))


def test_settings_in_the_environment_are_not_read_and_are_put_back(tmp_path, monkeypatch):
    (tmp_path / "hostile_plugin.py").write_text(HOSTILE_CONFTEST)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    monkeypatch.setenv("PYTEST_PLUGINS", "hostile_plugin")
    before = {name: value for name, value in os.environ.items() if name.startswith("PYTEST_")}
    (made,) = run_checks({check_file(tmp_path, FAILING): part_run()}).values()
    assert verdicts(made) == {"it": "failed"}
    assert not list(tmp_path.rglob("was_run"))
    assert {name: value for name, value in os.environ.items() if name.startswith("PYTEST_")} == before


def test_plugins_that_are_installed_here_are_not_loaded(tmp_path, monkeypatch):
    (tmp_path / "hostile_plugin.py").write_text(HOSTILE_CONFTEST)
    metadata = tmp_path / "hostile-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[pytest11]\nhostile = hostile_plugin\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (made,) = run_checks({check_file(tmp_path, FAILING): part_run()}).values()
    assert verdicts(made) == {"it": "failed"}
    assert not list(tmp_path.rglob("was_run"))


def test_nothing_is_written_beside_the_checks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_checks({check_file(tmp_path, FAILING): part_run()})
    assert {path.name for path in tmp_path.iterdir()} <= {"check_thing.py", "__pycache__"}


SMALL = """
class Small:
    about = None
    def mini(self, seed): return seed
    def read(self, source): return None
dataset = Small()
"""
CHECKS = """
from grader import Measured

def noted(datasets):
    return f"data {datasets.small}"

@metric
def loss(datasets, rng):
    return Measured(value=9.0, figures={noted(datasets): float(torch.rand((), generator=rng))})

@check(points=1)
def check_gate(gates):
    '''A gate.'''
    gates.require("loss", name="the loss")

@check(points=1)
def check_other(datasets, figures):
    '''Another.'''
    figures["other " + noted(datasets)] = 1.0

@check(points=1, visibility="hidden")
def check_hidden(datasets, figures):
    '''A hidden one.'''
    figures["hidden " + noted(datasets)] = 1.0
"""


def test_stand_ins_come_from_the_secret_seeds_and_each_run_of_a_gate_has_its_own(tmp_path):
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "small.py").write_text(SMALL)
    catalog = DatasetCatalog(tmp_path / "sets")

    def figures(number, **seeds):
        path = check_file(tmp_path, CHECKS, f"check_stand_ins_{number}.py")
        made = dataclasses.replace(part_run(**seeds), datasets=catalog)
        return run_checks({path: made})[path].figures, made.submission.runs

    (first, counted), (friend, _), (other, _) = figures(1), figures(2, hidden_seed=3), figures(3, seed=4)

    def of(found, words):
        return [name.removeprefix(words) for name in found if name.startswith(words)]

    runs = of(first, "data")
    assert len(runs) == 2, "two runs, two draws"
    assert len({first[f"data{run}"] for run in runs}) == 2, "the generator goes on from run to run"
    assert counted == 2, "the answers of each run are counted by themselves"
    assert of(first, "other data") == runs[:1], "the first run has the data of other checks"
    assert of(friend, "data") == runs, "a class gets the same data in visible checks"
    hidden = [of(found, "hidden data")[0] for found in (first, friend)]
    assert len({*hidden, *runs}) == 4, "and everybody their own in hidden ones"
    assert not {*of(other, "data")} & {*runs}


TWICE = """
@check(points=4, partial=True)
def check_cases(submission, credit, rng):
    '''Two cases.'''
    submission.echo(torch.rand(2, generator=rng))
    for label in ("a", "b"):
        with credit.case(label):
            if submission.runs > 1:
                submission.fail("wrong")

@check(points=1, depends_on=["cases"])
def check_next(submission, figures):
    '''The next.'''
    figures["runs"] = submission.runs
    time.sleep(0.01)
"""


def test_pytest_starts_once_for_a_class_and_nothing_goes_from_one_submission_to_the_next(tmp_path, monkeypatch):
    starts, start = [], pytest.main
    monkeypatch.setattr(pytest, "main", lambda *args, **options: starts.append(args) or start(*args, **options))
    path = check_file(tmp_path, f"import time\n{TWICE}")
    runs = [part_run(hidden_seed=seed) for seed in (2, 2, 3)]
    runs[1].submission.runs = 2
    before, wrong, after = (run_checks({path: run})[path] for run in runs)
    assert len(starts) == 1
    assert verdicts(wrong) == {"cases": "failed", "next": "skipped"}
    for right in (before, after):
        assert verdicts(right) == {"cases": "passed", "next": "passed"}
        assert right.figures == {"runs": 1.0}
    drawn = [outcome.calls["cases"][0].outcome for outcome in (before, wrong, after)]
    assert torch.equal(drawn[0], drawn[1])
    assert torch.equal(drawn[0], drawn[2])


DEADLINES = '''
@check(points=1)
def check_it(request, figures):
    """It."""
    (figures["seconds"],) = (mark.args[0] for mark in request.node.iter_markers("timeout"))
'''


def test_a_check_of_many_submissions_has_one_deadline(tmp_path):
    path, slow = check_file(tmp_path, DEADLINES), part_run()
    slow.submission.longest = lambda _: 1000.0
    found = [run_checks({path: run})[path] for run in (part_run(), slow, part_run())]
    assert [one.figures for one in found] == [{"seconds": 91.0}, {"seconds": 1060.0}, {"seconds": 91.0}]


STOPPED = '''
@check(points=1)
def check_it(submission):
    """It."""
    if submission.runs > 1:
        pytest.exit("enough")
'''


def test_checks_that_stopped_half_way_are_collected_again(tmp_path):
    path, stopped = check_file(tmp_path, STOPPED), part_run()
    stopped.submission.runs = 2
    assert verdicts(run_checks({path: part_run()})[path]) == {"it": "passed"}
    with pytest.raises(CourseError, match="enough"):
        run_checks({path: stopped})
    assert verdicts(run_checks({path: part_run()})[path]) == {"it": "passed"}


def test_a_process_does_not_keep_every_check_file_it_ever_ran(tmp_path):
    for number in range(20):
        run_checks({check_file(tmp_path, FAILING, f"check_{number}.py"): part_run()})
    assert len(pytest_run._kept) <= pytest_run._MOST_KEPT
