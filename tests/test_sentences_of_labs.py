"""What the checks of lab1 and lab2 say of one wrong line: what they know, with the settings they asked for."""

import pytest

from grader.grading.grade import part_run
from grader.grading.part_loader import Code
from grader.grading.pytest_run import run_checks
from grader.records.record import Verdict


@pytest.fixture
def judged(course, slot):
    """Grades the reference of a part with some text replaced; the records by check."""

    def judge(identity, only, old, new):
        assignment, name = identity.split("/")
        (part,) = course.parts(assignment, [name])
        source = part.reference.read_text()
        assert old in source
        code = Code({f"{name}.py": source.replace(old, new).encode()}, f"{name}.py")
        run = part_run(part, code, slot, seed=5)
        records = run_checks({part.check_file: run}, only=only)[part.check_file].records
        run.submission.close()
        return records

    return judge


EPOCHS, STEP, START = "range(num_epochs)", "alpha=lr * e", "torch.rand("
SEEDED = "None if seed is None else torch.Generator().manual_seed(seed)"
SENTENCES = {
    ("lab1/factorise", "num_epochs"): [
        (EPOCHS, "range(50)", "U or V is farther away than one step leads."),
        (
            EPOCHS,
            "range(1, num_epochs)",
            "With `num_epochs=1` U and V stay near their start; with `num_epochs=2` they move.",
        ),
        (
            START,
            "0 * torch.rand(",
            "On a matrix of one large cell U and V move less than one step leads, even in two epochs.",
        ),
        (EPOCHS, "range(50 * num_epochs)", "U or V is farther away than one step leads."),
    ],
    ("lab1/factorise", "learning_rate"): [
        (STEP, "alpha=0.01 * e", "Even with `lr=0` U or V holds numbers beyond 100"),
        (STEP, "alpha=lr**0.2 * e", "With `lr=1e-9` one step leads far away, with `lr=0` it does not."),
    ],
    ("lab1/factorise", "shapes"): [
        (START, "1e3 * torch.rand(", "The call asked for `num_epochs=3` and the default `lr`. If steps are too long"),
    ],
    ("lab1/factorise", "rank1"): [
        (STEP, "alpha=40 * lr * e", "The call asked for `lr=0.03` and `num_epochs=200`. If steps are too long"),
    ],
    ("lab1/complete", "num_epochs"): [
        (
            "(M == 1)",
            "(M == 0)",
            "one large cell, which its mask calls observed, U and V move less than one step leads",
        ),
        (EPOCHS, "range(50)", "U or V is farther away than one step leads."),
    ],
    ("lab1/rate", "settings_count"): [
        (EPOCHS, "range(0)", "With `num_epochs=1` and `lr=1` a factor is nearer than one step leads."),
        (EPOCHS, "range(2)", "With `num_epochs=1` and `lr=1` a factor is farther than one step leads."),
        (EPOCHS, "range(9)", "One step of that length leads to a few millions, several lead to inf."),
    ],
    ("lab2/biased_mf", "biases"): [
        (
            "[rated].square().mean()",
            "[rated].square().sum()",
            "With `lr=2` and without factors the losses rise: your steps are too long or lead uphill.",
        ),
    ],
    ("lab2/biased_mf", "steps"): [
        (SEEDED, "None", "Two calls with the same seed start at different places."),
    ],
    ("lab2/biased_mf", "unrated"): [
        (SEEDED, "None", "Two calls with the same seed start at different places."),
    ],
    ("lab2/biased_mf", "seed"): [
        (
            SEEDED,
            "torch.Generator().manual_seed(seed or 0)",
            "Two calls without a seed give the same P.",
        ),
        (
            SEEDED,
            "torch.Generator().manual_seed(4)",
            "Two seeds give the same P.",
        ),
        (
            SEEDED,
            "torch.Generator().manual_seed(seed) if seed else None",
            "Two calls with seed 0 give different P or Q.",
        ),
    ],
}
CASES = [(*check, *case) for check, cases in SENTENCES.items() for case in cases]


@pytest.mark.parametrize(("identity", "check", "old", "new", "sentence"), CASES)
def test_a_check_says_what_it_knows(judged, identity, check, old, new, sentence):
    record = judged(identity, ["shapes", "fields", check], old, new)[check]
    assert record.verdict is Verdict.failed
    assert sentence in record.message


# A slip in one thing, and the checks that judge something else: they pass.
STAND_ALONE = [
    ("lab1/truncated_svd", "Vh[:rank].T", "Vh[:rank]", "shapes", ["singular_values"]),
    ("lab1/factorise", "return U, V", "return U, V.T", "shapes", ["integer_matrix", "argument_unchanged"]),
    ("lab1/complete", "return U, V", "return U, V.T", "shapes", ["arguments_unchanged"]),
    ("lab1/rate", "return U, V", "return U, V.T", "shapes", ["arguments_unchanged"]),
    ("lab2/biased_mf", "bu, bi, P, Q, losses)", "bu, bi.T, P, Q, losses)", "fields", ["mu", "seed", "device"]),
    (
        "lab2/biased_mf",
        "Q, losses)\n    # END",
        "Q, losses[1:])\n    # END",
        "number_of_losses",
        ["fields", "mu", "steps", "seed"],
    ),
]


@pytest.mark.parametrize(("identity", "old", "new", "failing", "passing"), STAND_ALONE)
def test_a_slip_costs_only_the_checks_that_judge_it(judged, identity, old, new, failing, passing):
    records = judged(identity, [failing, *passing], old, new)
    assert records[failing].verdict is Verdict.failed
    assert {name: records[name].verdict for name in passing} == dict.fromkeys(passing, Verdict.passed)


def test_who_returns_nothing_is_not_praised_for_changing_nothing(judged):
    for identity, check in (("lab1/factorise", "argument_unchanged"), ("lab1/rate", "arguments_unchanged")):
        assert judged(identity, [check], "return U, V", "return None")[check].verdict is Verdict.failed
    svd = judged("lab1/truncated_svd", ["argument_unchanged"], "return U @", "return None  # ")["argument_unchanged"]
    assert svd.message.startswith("`svd_reconstruct` returns nothing")


def test_what_fails_everywhere_does_not_pass_for_obeying_the_device(judged):
    found = judged("lab2/biased_mf", ["device"], "ratings = ratings.to(", "ratings = ratings.cuda() or ratings.to(")
    assert found["device"].verdict is Verdict.crashed
